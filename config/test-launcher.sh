#!/usr/bin/env bash
# Tests ./erpc on a small tree of its own, with a made-up Maven and made-up JDKs: no JVM starts.
set -uo pipefail

launcher=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/erpc
all=$(mktemp -d)
work=$all/now first=$all/first
trap 'rm -rf "$all"' EXIT
failures=0 checks=0

# ---------------------------------------------------------------------------------------- fixture

# A JDK that only tells how it was started, or what JAVA_SAYS. JAVA_EXIT sets its exit code;
# JAVA_WAITS makes it stay until SIGTERM, which it answers with 42.
make_jdk() { # folder, version
  mkdir -p "$1/bin"
  cat >"$1/bin/java" <<'JAVA'
#!/usr/bin/env bash
if [ -n "${JAVA_SAYS:-}" ]; then
  echo "$*" >>"$HOME/java.calls"
  echo "$JAVA_SAYS"
  exit
fi
echo "java $0"
echo "in $(pwd)"
for argument in "$@"; do echo "[$argument]"; done
if [ -n "${BENCH_PEERS:-}" ]; then for peer in "$BENCH_PEERS"/*/*.jar; do echo "peer $peer"; done; fi
if [ -n "${JAVA_WAITS:-}" ]; then
  trap 'echo terminated; exit 42' TERM
  echo $$ >"$JAVA_WAITS"
  for _ in $(seq 300); do sleep 0.1; done
fi
exit "${JAVA_EXIT:-0}"
JAVA
  cp "$1/bin/java" "$1/bin/javac"
  chmod +x "$1"/bin/*
  printf 'IMPLEMENTOR="Nobody"\nJAVA_VERSION="%s"\n' "$2" >"$1/release"
}

# A Maven that writes down its arguments and JAVA_HOME, makes the jars that a build makes, and reports of tests;
# MAVEN_FAILS is a goal that fails.
make_maven() { # file
  cat >"$1" <<'MAVEN'
#!/usr/bin/env bash
echo "$(basename "$0") $* JAVA_HOME=$JAVA_HOME" >>maven.calls
if [ -n "${MAVEN_WAITS:-}" ]; then sleep 1; fi
modules="tools demo"
case " $* " in
  *" -Ppeers "*) modules="bench bench/layers bench/peers/one bench/peers/two" ;;
  *" core,center,bench/driver,bench "*) modules=bench ;;
esac
if [ "${3:-}" = -f ]; then # another tree
  cd "$(dirname "$4")"
  modules=bench
fi
report() { # module, tests, failures
  mkdir -p "$1/target/surefire-reports"
  printf '<testsuite name="erpc.%s" time="1" tests="%s" errors="0" skipped="0" failures="%s">\n' "$1" "$2" "$3" \
    >"$1/target/surefire-reports/TEST-erpc.$1.xml"
}
case " $* " in
  *" ${MAVEN_FAILS:-nothing} "*)
    case " $* " in *" verify "*) report core 2 1 ;; esac
    echo "[ERROR] the reason"
    exit 1
    ;;
  *" test "* | *" verify "*) if [ "${MAVEN_TESTS:-}" != none ]; then report core 2 0; report center 1 0; fi ;;
esac
for module in $modules; do
  mkdir -p "$module/target/lib"
  touch "$module/target/lib/some.jar" "$module/target/erpc-$(basename "$module")-1.jar"
done
MAVEN
  chmod +x "$1"
}

link_tools() { # programs…
  local program
  for program in "$@"; do
    if ! [ -e "$work/bin/$program" ] && command -v "$program" >/dev/null; then
      ln -s "$(command -v "$program")" "$work/bin/$program"
    fi
  done
}

# A new tree, a PATH that holds what the launcher may use and no java, one JDK 25 in a folder.
make_surrounding() {
  mkdir -p "$work"/{bin,jdks,home,other} "$work/the tree/config" # a space: paths are not words
  link_tools bash env sh sed grep head tail tr sort cut comm dirname basename readlink find xargs sha256sum shasum \
    cksum mkdir rm mv cp ln ls cat awk touch sleep seq curl flock
  printf '#!/bin/sh\nexit 0\n' >"$work/the tree/config/test-launcher.sh"
  printf '#!/bin/sh\necho 1000\n' >"$work/bin/id"
  chmod +x "$work/the tree/config/test-launcher.sh" "$work/bin/id"
  make_maven "$work/bin/mvn"
  make_jdk "$work/jdks/a" 25.0.3
  cp "$launcher" "$work/the tree/erpc"
  cp -R "${launcher%/*}/config/test-commands.sh" "${launcher%/*}/config/help" "$work/the tree/config/"
  printf '  <version>1</version>\n' >"$work/the tree/pom.xml"
  printf '# remark\n\ncalls center erpc.Calls,erpc.*More#one+two very many calls\n' >"$work/the tree/config/soaks"
  local module
  for module in core center testing codegen tools demo bench bench/driver bench/layers bench/peers/one bench/peers/two; do
    mkdir -p "$work/the tree/$module/src/main/java"
    echo "$module" >"$work/the tree/$module/pom.xml"
    echo "class $module" >"$work/the tree/$module/src/main/java/One file.java"
    case $module in core | center) mkdir -p "$work/the tree/$module/src/test/java/erpc" ;; esac
  done
  touch "$work/the tree/core/src/test/java/erpc/SomeTest.java" "$work/the tree/center/src/test/java/erpc/OtherTest.java"
}

fresh() {
  if [ ! -e "$first" ]; then
    make_surrounding
    cp -a "$work" "$first"
  fi
  rm -rf "$work"
  cp -a "$first" "$work"
}

# Runs the launcher in that surrounding; leaves output and code. Leading NAME=value words are its environment.
erpc() {
  local settings=()
  while [ $# -gt 0 ] && [[ $1 == *=* ]]; do
    settings+=("$1")
    shift
  done
  code=0
  output=$(cd "$work/other" && env -i PATH="$work/bin" HOME="$work/home" ERPC_JDK_FOLDERS="$work/jdks" \
    ${settings[@]+"${settings[@]}"} "$work/the tree/erpc" "$@" 2>&1 | sed 's/([0-9]* s)/(n s)/g') || code=$?
}

builds() { if [ -f "$work/the tree/maven.calls" ]; then wc -l <"$work/the tree/maven.calls" | tr -d ' '; else echo 0; fi; }
last_build() { tail -n 1 "$work/the tree/maven.calls"; }

# ----------------------------------------------------------------------------------------- checks

check() { # what is expected, command…
  local what=$1
  shift
  checks=$((checks + 1))
  if ! "$@"; then
    failures=$((failures + 1))
    printf 'FAILED  %s: %s\n  exit code %s, output:\n%s\n' "$current" "$what" "$code" "$(sed 's/^/    /' <<<"$output")" >&2
  fi
}

exits() { check "exit code $1" test "$code" = "$1"; }
says() { check "says '$1'" grep -qF -- "$1" <<<"$output"; }
silent_on() { check "does not say '$1'" lacks "$1"; }
lacks() { ! grep -qF -- "$1" <<<"$output"; }
built() { check "$1 builds so far, not $(builds)" test "$(builds)" = "$1"; }
built_with() { check "built with '$1', not '$(last_build)'" grep -qF -- "$1" <<<"$(last_build)"; }

called_in_turn() { # what each call of Maven was told
  local words number=0
  for words in "$@"; do
    number=$((number + 1))
    check "call $number of Maven has '$words'" grep -qF -- "$words" <(sed -n "${number}p" "$work/the tree/maven.calls")
  done
  built "$number"
}

until_exists() { # file
  local _
  for _ in $(seq 200); do
    if [ -s "$1" ]; then return; fi
    sleep 0.05
  done
  return 1
}

# ---------------------------------------------------------------------------------- tests: the JDK

takesTheHighestOfTheFolders() {
  make_jdk "$work/jdks/b" 17.0.15
  make_jdk "$work/jdks/c" 9.0.4
  make_jdk "$work/jdks/d" 1.8.0_292
  make_jdk "$work/jdks/e" 25.0.10
  make_jdk "$work/jdks/f/Contents/Home" 21.0.1
  erpc list
  exits 0
  says "java $work/jdks/e/bin/java"
  built_with "JAVA_HOME=$work/jdks/e"
}

takesTheSettingThenJavaHomeThenPathThenFolders() {
  make_jdk "$work/asked" 22
  make_jdk "$work/java-home" 23
  make_jdk "$work/on-path" 24.0.1
  ln -s "$work/on-path/bin/java" "$work/bin/java"
  erpc ERPC_JAVA_HOME="$work/asked" JAVA_HOME="$work/java-home" list
  says "java $work/asked/bin/java"
  erpc JAVA_HOME="$work/java-home" list
  says "java $work/java-home/bin/java"
  erpc list
  says "java $work/on-path/bin/java"
  rm "$work/bin/java"
  erpc list
  says "java $work/jdks/a/bin/java"
}

passesByAnOldJavaHomeAndPath() {
  make_jdk "$work/old" 17.0.15
  ln -s "$work/old/bin/java" "$work/bin/java"
  erpc JAVA_HOME="$work/old" list
  exits 0
  says "java $work/jdks/a/bin/java"
}

refusesAnOldJdkThatWasAskedFor() {
  make_jdk "$work/old" 17.0.15
  erpc ERPC_JAVA_HOME="$work/old" list
  exits 3
  says "is JDK 17.0.15, and erpc needs 21"
  built 0
}

refusesWhatIsNoJdk() {
  erpc ERPC_JAVA_HOME="$work/nowhere" list
  exits 3
  says "is not a JDK"
  make_jdk "$work/runtime-only" 25
  rm "$work/runtime-only/bin/javac"
  erpc ERPC_JAVA_HOME="$work/runtime-only" list
  exits 3
  built 0
}

saysWhatToInstallWhenThereIsNone() {
  rm -rf "$work/jdks/a"
  make_jdk "$work/jdks/b" 17.0.15
  erpc list
  exits 3
  says "no JDK 21 or later was found"
  says "$work/jdks/*"
  says "JDK 17.0.15 $work/jdks/b"
  says "apt-get install"
  says "brew install"
  built 0
}

tellsTheJvmWhatItsVersionKnows() {
  make_jdk "$work/jdk21" 21.0.2
  erpc list
  says "[--sun-misc-unsafe-memory-access=allow]"
  says "[--enable-native-access=ALL-UNNAMED]"
  erpc ERPC_JAVA_HOME="$work/jdk21" ERPC_JAVA_OPTS="-Xmx64m -Da=b" list
  silent_on "unsafe"
  says "[-Xmx64m]"
  says "[-Da=b]"
}

# ------------------------------------------------------------------------------- tests: commands

namesACommandThatIsNearAndElseAll() {
  erpc lst
  exits 2
  says "did you mean 'list'?"
  erpc centre
  exits 2
  says "did you mean 'center'?"
  local word
  for word in complete x vv --colour; do
    erpc "$word"
    exits 2
    says "unknown command '$word'; there are: demo, center, call, list, explain, describe, gen, install, test, soak, bench, completion, help, version"
    silent_on "did you mean"
  done
  built 0
}

tellsItsVersion() {
  rm -rf "$work/jdks/a"
  local word
  for word in version --version -v -V; do
    erpc "$word"
    exits 0
    check "says only the version" test "$output" = "erpc 1"
  done
}

helpsOnACommand() {
  erpc help call
  exits 0
  says "Usage: ./erpc call"
  erpc help soak
  exits 0
  says "erpc soak NAME"
  erpc help help
  exits 0
  says "./erpc demo"
  erpc help cal
  exits 2
  says "did you mean 'call'?"
}

endsACenterThatRunsOutOfMemory() {
  erpc center
  says "[-XX:+ExitOnOutOfMemoryError]"
  erpc list
  silent_on "ExitOnOutOfMemoryError"
}

helpsWithoutJdkOrBuild() {
  rm -rf "$work/jdks/a"
  local word
  for word in help --help; do
    erpc "$word"
    exits 0
    says "./erpc demo"
  done
  erpc
  exits 0
  built 0
}

startsTheProgramOfTheCommand() {
  erpc call demo.echo '{"msg": "hi you"}'
  exits 0
  says "in $work/other"
  says "[erpc.tools.Main]"
  says "[call]"
  says '[{"msg": "hi you"}]'
  erpc center --listen :1
  says "[erpc.tools.Main]"
  says "[center]"
  says "[--listen]"
  erpc demo server --port 1
  says "[erpc.demo.Main]"
  says "[server]"
  silent_on "[demo]"
}

# Lines of the blocks marked `sh` that begin with ./erpc, without remarks. A block marked `sh example` is not run.
documented_commands() { # documents
  awk '/^```/ { shown = !inside && $0 == "```sh"; inside = !inside; next } shown && /^\.\/erpc/' "$@" | sed 's/  *#.*//'
}

takesEveryCommandThatTheDocumentsShow() {
  local root=${launcher%/*} command count=0
  while IFS= read -r command; do
    count=$((count + 1))
    eval "erpc ${command#./erpc}"
    check "takes '$command'" test "$code" = 0
  done < <(documented_commands "$root"/*.md "$root"/docs/*.md "$root"/bench/*.md)
  check "finds commands, not $count" test "$count" -gt 5
}

helpsWithoutABuild() {
  rm -rf "$work/jdks/a"
  local command word
  for command in call list explain describe gen center demo bench install test soak completion \
    'bench layers' 'bench faults' 'bench overload' 'bench simulate' 'bench strangers' 'bench stalls' \
    'bench restarts' 'bench kills' 'bench storm' 'bench hedge' 'bench --against'; do
    for word in --help -h; do
      # shellcheck disable=SC2086 # a command and its subcommand
      erpc $command $word
      exits 0
      says "erpc $command"
    done
  done
  built 0
}

helpsWhereverHelpIsAskedFor() {
  rm -rf "$work/jdks/a"
  erpc bench --rounds 3 --help
  exits 0
  says "erpc bench [option"
  erpc bench async-32 --against nonsense --help
  exits 0
  says "erpc bench --against COMMIT"
  silent_on "erpc bench [option"
  erpc demo server --help
  exits 0
  says "./erpc demo server"
  built 0
}

completesCommandsAndTheirOptions() {
  local shell
  for shell in bash zsh; do
    erpc completion "$shell"
    exits 0
    says "complete -o default -F _erpc erpc ./erpc"
  done
  says bashcompinit
  erpc completion bash
  check "completes commands" completed 1 li ./erpc li <<<"$output"
  check "completes options" completed 2 --js ./erpc call --js <<<"$output"
  erpc completion fish
  exits 2
  says "bash or zsh"
  built 0
}

completed() { # index of the word, what it begins with, words…; the script on stdin
  bash -c 'index=$1 start=$2; shift 2; eval "$(cat)"; COMP_CWORD=$index COMP_WORDS=("$@"); _erpc
    [ ${#COMPREPLY[@]} -gt 0 ] && [[ ${COMPREPLY[0]} == "$start"* ]]' - "$@"
}

completesNamesThatTheCenterKnows() {
  local script names=$'demo.\ndemo.echo\ndemo.count\n$(touch pwned)\n-rf\n'
  erpc completion bash
  script=$output
  erpc completion names
  exits 0
  check "says nothing where nothing is built" test -z "$output"
  built 0
  erpc list # so that it is built
  erpc JAVA_SAYS="$names" completion names
  exits 0
  check "says only what is a name" test "$output" = $'demo.\ndemo.echo\ndemo.count'
  check "asks for names" grep -q 'erpc.tools.Main list --names$' "$work/home/java.calls"
  check "completes methods" test "$(completions 2 ./erpc call de <<<"$script")" = "demo.echo demo.count"
  check "completes services" test "$(completions 2 ./erpc list de <<<"$script")" = "demo"
  check "completes both" test "$(completions 2 ./erpc describe demo.e <<<"$script")" = "demo.echo"
  check "completes behind options" test "$(completions 3 ./erpc explain --all demo.c <<<"$script")" = "demo.count"
  check "completes one name only" test -z "$(completions 3 ./erpc call demo.echo de <<<"$script")"
  check "completes options beside names" test "$(completions 2 ./erpc list --j <<<"$script")" = "--json"
  rm "$work/home/java.calls"
  check "completes again" test "$(completions 2 ./erpc call demo.e <<<"$script")" = "demo.echo"
  check "asks once for several words" test "$(wc -l <"$work/home/java.calls")" -eq 1
  erpc ERPC_JAVA_HOME="$work/nowhere" completion names
  silent_on erpc
  built 1
}

completions() { # index of the word, words…; the script on stdin; the last of two tries
  env -i PATH="$work/bin" HOME="$work/home" ERPC_JDK_FOLDERS="$work/jdks" JAVA_SAYS="$names" bash -c '
    index=$1; shift; eval "$(cat)"; COMP_CWORD=$index COMP_WORDS=("$@"); _erpc; _erpc
    echo ${COMPREPLY[@]+"${COMPREPLY[@]}"}' - "$@"
}

givesUpOnNamesThatDoNotCome() {
  local started
  erpc list # so that it is built
  started=$SECONDS
  erpc JAVA_WAITS="$work/waits" completion names
  exits 0
  check "says nothing" test -z "$output"
  check "waits for two seconds, not $((SECONDS - started))" test $((SECONDS - started)) -le 10
}

keepsClassesReadyForShortCommands() {
  erpc list
  exits 0
  says "[-XX:SharedArchiveFile=$work/the tree/.erpc/builds/"
  erpc center
  silent_on SharedArchiveFile
}

buildsAndStartsTheBenchmarks() {
  erpc list
  erpc bench --rounds 1 async-32
  exits 0
  says "[erpc.bench.Bench]"
  says "[--rounds]"
  says "[async-32]"
  silent_on "[bench]"
  says "/bench/peers/one/erpc-one-1.jar"
  says "/bench/peers/two/some.jar"
  built 2
  built_with "mvn -B -ntp -Ppeers clean package -DskipTests -pl core,center,bench/driver,bench,bench/layers,bench/peers/one,bench/peers/two"
  erpc bench layers --quick
  says "[erpc.bench.layers.Layers]"
  says "/bench/layers/*]"
  silent_on "[layers]"
  erpc bench strangers
  says "[erpc.bench.StrangersBench]"
  erpc bench stalls
  says "[erpc.bench.StallBench]"
  erpc bench overload
  says "[erpc.bench.OverloadBench]"
  erpc bench restarts --rounds 1
  says "[erpc.bench.RestartBench]"
  says "[--rounds]"
  silent_on "[restarts]"
  erpc bench kills
  says "[erpc.bench.KillBench]"
  erpc bench storm
  says "[erpc.bench.StormBench]"
  erpc bench hedge
  says "[erpc.bench.HedgeBench]"
  erpc list
  built 2
  echo "edited" >"$work/the tree/bench/peers/two/pom.xml"
  erpc list
  built 2
  erpc bench
  built 3
}

simulatesWithoutPeers() {
  erpc bench simulate --seed 3
  exits 0
  says "[erpc.bench.simulate.Simulate]"
  says "[--seed]"
  silent_on "[simulate]"
  built 1
  built_with "mvn -B -ntp clean package -DskipTests -pl core,center,bench/driver,bench"
}

# Makes a commit of the tree, and sets commit to its name.
commit_all() {
  link_tools git
  local git="git -C $work/the_tree"
  ln -sfn "the tree" "$work/the_tree"
  printf '.erpc/\nmaven.calls\ntarget/\n' >"$work/the tree/.gitignore"
  [ -d "$work/the tree/.git" ] || $git init -q
  $git add -A
  $git -c user.name=a -c user.email=a@b -c commit.gpgsign=false commit -q -m "$1"
  commit=$($git rev-parse --short HEAD)
}

measuresAgainstACommitThatItBuildsOnceInAWorktree() {
  command -v git >/dev/null || return 0
  commit_all one
  local tree="$work/the tree" first=$commit
  echo "edited" >"$tree/bench/src/main/java/One file.java"
  commit_all two
  erpc bench --warm 3 --against HEAD~1 async-32
  exits 0
  built 2
  built_with "-f $tree/.erpc/against.tree/pom.xml package -DskipTests -pl bench -am"
  says "[erpc.bench.Against]"
  says "[$first]"
  says "[$tree/.erpc/against/$first"
  says "[$commit]"
  says "[$tree/.erpc/against.log]"
  says "[--warm]"
  says "[async-32]"
  silent_on "[--against]"
  silent_on "peer "
  check "the jars are kept" test -f "$tree/.erpc/against/$(git -C "$tree" rev-parse HEAD~1)/erpc-bench-1.jar"
  check "the worktree is gone" test ! -e "$tree/.erpc/against.tree"
  check "git knows of no other worktree" test "$(git -C "$tree" worktree list | wc -l)" -eq 1
  erpc bench --against "$first" stream-32
  built 2
  says "[stream-32]"
  echo "edited again" >"$tree/bench/src/main/java/One file.java"
  erpc bench --against "$first"
  built 3
  says "[$commit-dirty-"
}

buildsACommitAgainAfterALauncherThatWasEndedMeanwhile() {
  command -v git >/dev/null || return 0
  commit_all one
  git -C "$work/the tree" worktree add -q --detach "$work/the tree/.erpc/against.tree" HEAD
  echo "half" >"$work/the tree/.erpc/against.tree/half"
  erpc bench --against HEAD
  exits 0
  erpc bench --against HEAD
  exits 0
  built 2
  check "the worktree is gone" test ! -e "$work/the tree/.erpc/against.tree"
}

saysWhyACommitCannotBeBuilt() {
  command -v git >/dev/null || return 0
  commit_all one
  erpc bench --against HEAD # builds today's
  rm -rf "$work/the tree/.erpc/against"
  erpc MAVEN_FAILS=package bench --against HEAD
  exits 1
  says "[ERROR] the reason"
  says "against-build.log"
  check "the worktree is gone" test ! -e "$work/the tree/.erpc/against.tree"
  check "nothing is kept" test ! -e "$work/the tree/.erpc/against/$(git -C "$work/the tree" rev-parse HEAD)"
  rm "$work/the tree/bench/pom.xml"
  commit_all "no benchmarks"
  git -C "$work/the tree" checkout -q HEAD~1
  erpc bench --against "$commit"
  exits 1
  says "$commit cannot be measured: it has no module bench"
  check "the worktree is gone" test ! -e "$work/the tree/.erpc/against.tree"
}

refusesToMeasureAgainstNothing() {
  command -v git >/dev/null || return 0
  commit_all one
  erpc bench async-32 --against
  exits 2
  says "--against needs a commit"
  erpc bench --against nonsense
  exits 2
  says "there is no commit 'nonsense'"
  built 0
  rm "$work/bin/git"
  erpc bench --against HEAD
  exits 3
  says "git"
}

installsWhatIsPublishedAndSaysWhatAProjectNeeds() {
  printf '    <jackson.version>3.1</jackson.version>\n' >>"$work/the tree/pom.xml"
  erpc install
  exits 0
  built 1
  built_with "mvn -B -ntp -Ppublish install -pl .,core,center,testing,codegen,maven-plugin,bom -Dmaven.test.skip=true"
  says "<artifactId>erpc-bom</artifactId>"
  says "<version>1</version>"
  says "<version>3.1</version>"
  says "implementation platform('io.github.edte.erpc:erpc-bom:1')"
  says "platform('tools.jackson:jackson-bom:3.1')"
  says "'tools.jackson.core:jackson-databind'"
  says "netty-tcnative-boringssl-static"
  says "--enable-native-access=ALL-UNNAMED"
  erpc install -- -Dmaven.repo.local=/elsewhere
  exits 0
  built_with "-Dmaven.repo.local=/elsewhere"
}

saysWhyItCouldNotInstall() {
  erpc MAVEN_FAILS=install install
  exits 1
  says "[ERROR] the reason"
  says "install.log"
  silent_on "erpc-bom"
  erpc install quickly
  exits 2
  says "unknown argument 'quickly'"
  rm -rf "$work/jdks/a"
  erpc install --help
  exits 0
  says "-- MAVEN"
  built 1
}

passesExitCodesThrough() {
  erpc JAVA_EXIT=7 list
  exits 7
}

passesSignalsToTheJvm() {
  erpc list # so that it is built
  env -i PATH="$work/bin" HOME="$work/home" ERPC_JDK_FOLDERS="$work/jdks" JAVA_WAITS="$work/pid" \
    "$work/the tree/erpc" center >"$work/out" 2>&1 &
  local started=$!
  check "the program starts" until_exists "$work/pid"
  check "it took the launcher's place" test "$(cat "$work/pid")" = "$started"
  kill -TERM "$started"
  code=0
  wait "$started" || code=$?
  output=$(cat "$work/out")
  exits 42
  says "terminated"
}

worksThroughASymbolicLink() {
  ln -s "../the tree/erpc" "$work/other/link"
  ln -s "$work/other/link" "$work/home/link"
  code=0
  output=$(cd / && env -i PATH="$work/bin" HOME="$work/home" ERPC_JDK_FOLDERS="$work/jdks" "$work/home/link" list 2>&1) ||
    code=$?
  exits 0
  says "$work/the tree/.erpc/builds/"
}

# --------------------------------------------------------------------------------- tests: building

buildsOnceWhileNothingChanges() {
  erpc list
  says "building core, center, testing, codegen, tools, demo"
  says "downloads about"
  built 1
  erpc list
  touch "$work/the tree/core/src/main/java/One file.java"
  erpc demo
  built 1
  silent_on "building"
}

buildsAgainAfterAnyChange() {
  local sources="$work/the tree/core/src/main/java"
  erpc list
  sleep 1 # the clock of files may tick in seconds
  echo "edited" >"$sources/One file.java"
  erpc list
  built 2
  built_with "mvn -B -ntp package"
  echo "new" >"$sources/Two.java"
  erpc list
  built 3
  mv "$sources/Two.java" "$sources/Three.java"
  erpc list
  built 4
  built_with "clean package"
  rm "$sources/Three.java"
  echo "another" >>"$work/the tree/demo/pom.xml"
  erpc list
  built 5
  echo " " >>"$work/the tree/pom.xml"
  erpc list
  built 6
}

doesNotTrustAFileThatCameWithAnOldTime() {
  local file="$work/the tree/core/src/main/java/One file.java"
  erpc list
  echo "older, but not what was built" >"$file"
  touch -t 200001010000 "$file"
  erpc list
  built 2
  built_with "clean package"
}

keepsTheBuildOfSourcesThatComeBack() {
  local file="$work/the tree/core/src/main/java/One file.java"
  cp "$file" "$work/before"
  erpc list
  local first=$output
  echo "another branch" >"$file"
  erpc list
  check "runs other jars than before" test "$output" != "$first"
  cp "$work/before" "$file"
  erpc list
  built 2
  says "$(grep 'builds/' <<<"$first")"
}

keepsAFewBuilds() {
  local number
  for number in 1 2 3 4 5 6; do
    echo "$number" >"$work/the tree/core/pom.xml"
    erpc list
  done
  check "four builds are kept" test "$(ls "$work/the tree/.erpc/builds" | wc -l)" -eq 4
}

showsWhyABuildFailedAndTriesAgain() {
  erpc MAVEN_FAILS=package list
  exits 1
  says "[ERROR] the reason"
  says "build.log"
  silent_on "[list]"
  erpc list
  exits 0
  built 2
}

buildsOnceForTwoLaunchersAtOnce() {
  local launchers=() one
  for one in 1 2 3; do
    (
      erpc MAVEN_WAITS=yes list
      exit "$code"
    ) &
    launchers+=($!)
  done
  for one in "${launchers[@]}"; do
    wait "$one"
    code=$?
    exits 0
  done
  built 1
}

buildsOnceForTwoLaunchersWithoutFlock() {
  rm "$work/bin/flock"
  buildsOnceForTwoLaunchersAtOnce
  check "the lock is gone" test ! -e "$work/the tree/.erpc/lock.d"
}

takesTheLockOfADeadHolder() {
  rm "$work/bin/flock"
  local dead
  true &
  dead=$!
  wait "$dead"
  mkdir -p "$work/the tree/.erpc/lock.d"
  echo "$dead" >"$work/the tree/.erpc/lock.d/pid"
  erpc list
  exits 0
  built 1
}

bringsMavenWhenThereIsNone() {
  rm "$work/bin/mvn"
  make_maven "$work/the tree/mvnw"
  erpc list
  exits 0
  built_with "mvnw -B"
  rm "$work/bin/curl"
  echo "changed" >"$work/the tree/core/pom.xml"
  erpc list
  exits 3
  says "neither curl nor wget"
}

endsMavenWhenItIsEnded() {
  cat >"$work/bin/mvn" <<'MAVEN'
#!/usr/bin/env bash
trap 'echo ended >maven.ended; exit 143' TERM
echo $$ >maven.pid
for _ in $(seq 300); do sleep 0.1; done
MAVEN
  env -i PATH="$work/bin" HOME="$work/home" ERPC_JDK_FOLDERS="$work/jdks" "$work/the tree/erpc" list >"$work/out" 2>&1 &
  local started=$!
  check "Maven starts" until_exists "$work/the tree/maven.pid"
  kill -TERM "$started"
  code=0
  wait "$started" || code=$?
  output=$(cat "$work/out")
  exits 143
  check "Maven was ended" until_exists "$work/the tree/maven.ended"
}

# shellcheck source=config/test-test-commands.sh
. "${BASH_SOURCE[0]%/*}/test-test-commands.sh"

# --------------------------------------------------------------------------------------------- run

for current in $(declare -F | sed 's/^declare -f //' | grep -E '^[a-z]+[A-Z]'); do
  fresh
  "$current"
done
echo "launcher: $checks checks, $failures failed"
[ "$failures" = 0 ]
