# shellcheck shell=bash
# The commands `test` and `soak` of ./erpc, which reads this file and has what it uses.

# Debian packages of foreign peers, as command:package. A test that needs one carries the package's
# name as its JUnit tag, and is left out where the command is missing.
readonly PEERS="python3:python3 node:nodejs openssl:openssl"

# ------------------------------------------------------------------------------------------- test

missing_peers() {
  local peer
  for peer in $PEERS; do
    has "${peer%%:*}" || printf '%s ' "${peer#*:}"
  done
}

install_peers() { # packages…
  say "installing with apt-get: $*"
  apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2
}

# What ran since a file was touched, by Maven's reports: a line per module, "module tests failed".
reports_since() { # file
  find "$root" -path '*/target/*-reports/TEST-*.xml' -newer "$1" -exec awk -v root="$root/" '
    function number(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3) + 0 : 0 }
    FNR == 1 { seen = 0 }
    /<testsuite / && !seen {
      seen = 1
      module = substr(FILENAME, length(root) + 1)
      sub(/\/target\/.*/, "", module)
      print module, number("tests") - number("skipped"), number("failures") + number("errors")
    }' {} + | awk '{ ran[$1] += $2; failed[$1] += $3 } END { for (each in ran) print each, ran[each], failed[each] }' | sort
}

count_tests() { reports_since "$1" | awk '{ n += $2 } END { print n + 0 }'; }

# "1234 tests (center 34, core 1200 of which 2 failed)"; "no test" if there was none.
tests_in_words() {
  reports_since "$1" | awk '
    { n += $2; words = words (words ? ", " : "") $1 " " $2 ($3 ? " of which " $3 " failed" : "") }
    END { if (n) print n (n == 1 ? " test" : " tests") " (" words ")"; else print "no test" }'
}

modules_with_tests() {
  (cd "$root" && find . -path '*/src/test/java/*Test.java' | sed 's:^\./::; s:/src/test/java/.*::' | sort -u)
}

# Modules with test classes that a -Dtest means, separated by commas. Fails if there is none; says nothing
# where only Maven can tell.
modules_of() { # patterns
  local pattern modules
  case $1 in
    *[%!\[]*) return 0 ;; # regular expressions, and what is not to be run
  esac
  modules=$(
    cd "$root"
    printf '%s\n' "$1" | tr ',' '\n' | while IFS= read -r pattern; do
      pattern=$(printf '%s\n' "$pattern" | sed 's/#.*//; s/\$.*//; s/\.java$//; s/\.class$//; s:\.:/:g; s:\*\*/:*:g')
      if [ -z "$pattern" ]; then pattern='*'; fi # a method of any class
      find . -path "*/src/test/java/$pattern.java" -o -path "*/src/test/java/*/$pattern.java"
    done | sed 's:^\./::; s:/src/test/java/.*::' | sort -u | tr '\n' ','
  )
  [ -n "$modules" ] || return 1
  printf '%s\n' "${modules%,}"
}

test_usage() {
  cat <<'USAGE'
erpc test [--quick] [--install] [-- MAVEN…]: formatter and Checkstyle first, then the launcher's own test,
Error Prone and NullAway, tests, fuzz targets. It ends with what ran and what was left out, and fails if no test did.

  --quick    form and unit tests only: nothing that starts processes, no fuzz targets, no Error Prone
  --install  as root, first brings the Debian packages of foreign peers; CI=true means this too
  -- MAVEN…  what follows goes to Maven. With -Dtest=… only these tests run, without the checks before:
               ./erpc test -- -Dtest=MetadataBlockTest
               ./erpc test -- -pl center -Dtest='CenterModelTest,Journal*Test#keeps*'

Exit codes: 0 all passed, 1 a test or check failed or nothing ran, 2 wrong usage, 3 something is missing here.
USAGE
}

# One step of a test run: Maven in the root, with all that the user wants it to be told. Ends the launcher
# if it fails, with what ran until then.
test_step() { # what it is, Maven's arguments…
  local what=$1 code=0 begun=$SECONDS
  shift
  say "$what: mvn $*"
  lock
  maven "$@" || code=$?
  unlock
  if [ "$code" = 0 ]; then
    steps="$steps$what ($((SECONDS - begun)) s), "
    return
  fi
  say "ran: $steps$(tests_in_words "$state/test-started")"
  say "test: FAILED in $what (Maven's exit code $code; the reasons are above)$(not_reached)"
  exit "$FAILED"
}

# Maven ends at the first module that fails: those behind it have not been tested.
not_reached() {
  local module tested missed=
  tested=$(reports_since "$state/test-started" | cut -d ' ' -f 1)
  for module in $testable; do
    case " $(echo $tested) " in
      *" $module "*) ;;
      *) missed="$missed, $module" ;;
    esac
  done
  if [ -n "$missed" ]; then printf '; no test ran in %s' "${missed#, }"; fi
}

run_test() { # arguments…
  local install= quick= missing each patterns= chosen= modules= steps='' testable
  [ "${CI:-}" != true ] || install=yes
  while [ $# -gt 0 ]; do
    case $1 in
      --install) install=yes ;;
      --quick) quick=yes ;;
      --help | -h)
        test_usage
        return
        ;;
      --)
        shift
        break
        ;;
      *) die "$USAGE" "test: unknown argument '$1'; it takes --quick, --install, and after -- arguments for Maven" ;;
    esac
    shift
  done
  for each in "$@"; do
    case $each in
      -Dtest=*) patterns=${each#-Dtest=} ;;
      -pl | -pl=* | --projects | --projects=*) chosen=yes ;;
    esac
  done
  testable=$(modules_with_tests)

  if [ -n "$patterns" ] && [ -z "$chosen" ]; then
    modules=$(modules_of "$patterns") ||
      die "$FAILED" "test: FAILED, for nothing ran: no module has a test class '$patterns'"
    if [ -n "$modules" ]; then testable=${modules//,/ }; fi
  elif [ -n "$quick" ] && [ -z "$chosen" ]; then
    modules=${BUILT_MODULES// /,}
    testable=$BUILT_MODULES
  elif [ -n "$chosen" ]; then
    testable= # Maven knows which
  fi

  find_jdk
  find_maven
  missing=$(missing_peers)
  if [ -n "$missing" ] && [ -n "$install" ] && [ -z "$quick" ]; then install_missing; fi
  mkdir -p "$state"
  touch "$state/test-started"
  say "with JDK $java_major ($java_home)"
  set -- ${modules:+-pl "$modules"} ${chosen:+-am} ${patterns:+-am -Dsurefire.failIfNoSpecifiedTests=false} "$@"
  if [ -z "$patterns" ]; then
    test_step "formatter and Checkstyle" -q spotless:check checkstyle:check "$@"
    if [ -z "$quick" ]; then test_launcher; fi
    if [ -z "$quick" ]; then test_step "Error Prone and NullAway" -Pstrict test-compile "$@"; fi
  fi
  run_tests "$@"
}

install_missing() { # uses and sets missing
  if [ "$(id -u)" != 0 ] || ! has apt-get; then
    say "cannot install $missing: that needs root and apt-get"
  else
    # shellcheck disable=SC2086 # one word a package
    install_peers $missing || say "apt-get could not install $missing"
    missing=$(missing_peers)
  fi
  if [ -n "$missing" ]; then
    die "$MISSING" "needed for the tests against foreign peers, and not there: $missing" \
      "(without CI=true and --install these tests are left out)"
  fi
}

test_launcher() {
  say "the launcher"
  if ! "$root/config/test-launcher.sh"; then
    say "ran: ${steps%, }"
    die "$FAILED" "test: FAILED in the test of the launcher; nothing else ran"
  fi
  steps="${steps}launcher, "
}

run_tests() { # arguments for Maven…; uses quick, patterns, missing, steps
  local excluded='' words
  if [ -n "$missing" ]; then excluded=$(echo $missing | tr ' ' ','); fi
  if [ -n "$patterns" ]; then
    test_step "tests" test ${excluded:+"-DexcludedGroups=$excluded"} "$@"
  elif [ -n "$quick" ]; then
    test_step "unit tests" test "-DexcludedGroups=processes${excluded:+,$excluded}" "$@"
  else
    # The first step has looked at form already, and the last one has compiled all of it, with Error Prone: only what is
    # newer is compiled again, whatever has become of jars and options since.
    test_step "tests and fuzz targets" -Pfuzz verify -Dspotless.check.skip=true -Dcheckstyle.skip=true \
      -Dmaven.compiler.useIncrementalCompilation=false \
      ${excluded:+"-DexcludedGroups=$excluded"} "$@"
  fi
  words=$(tests_in_words "$state/test-started")
  say "ran: ${steps%, }: $words"
  if [ -n "$patterns" ]; then
    say "left out: all but what -Dtest and -pl name"
  elif [ -n "$quick" ]; then
    say "left out: everything but form and unit tests; ./erpc test runs it"
  elif [ -n "$missing" ]; then
    say "left out: tests that need $missing; to get them: sudo ./erpc test --install, or apt-get install $missing"
  elif [ -n "$chosen" ]; then
    say "left out: all modules but those of -pl and what they need"
  else
    say "left out: nothing"
  fi
  [ "$words" != "no test" ] || die "$FAILED" "test: FAILED, for no test ran"
  say "test: passed"
}

# ------------------------------------------------------------------------------------------- soak

# Lines of the list, without remarks: "name module tests what it does".
soaks() { grep '^[^#[:space:]]' "$root/config/soaks"; }

soak_usage() {
  echo "erpc soak NAME [--seed N] [-- MAVEN…]: runs the long form of some tests. It wants an idle machine."
  echo
  soaks | while read -r name _ _ what; do printf '  %-12s %s\n' "$name" "$what"; done
  cat <<USAGE

  --seed N   chance begins with this whole number; else with one that is printed
  -- MAVEN…  what follows goes to Maven, for instance -Dsurefire.jvm=-Xmx4g

The list is config/soaks; CONTRIBUTING.md tells how to add to it.
USAGE
}

run_soak() { # arguments…
  local name='' seed='' module tests code=0 started=$SECONDS ran
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h)
        soak_usage
        return
        ;;
      --seed)
        [ $# -gt 1 ] || die "$USAGE" "soak: --seed needs a whole number"
        seed=$2
        shift
        ;;
      --seed=*) seed=${1#--seed=} ;;
      --)
        shift
        break
        ;;
      -*) die "$USAGE" "soak: unknown option '$1'; it takes --seed N, and after -- arguments for Maven" ;;
      *)
        [ -z "$name" ] || die "$USAGE" "soak: one name at a time, not '$name' and '$1'"
        name=$1
        ;;
    esac
    shift
  done
  if [ -z "$name" ]; then
    soak_usage
    return
  fi
  read -r module tests < <(soaks | awk -v name="$name" '$1 == name { print $2, $3 }') ||
    die "$USAGE" "soak: there is no '$name'; there are:" $(soaks | awk '{ print $1 }')
  case $tests in
    *.sh) # a script of its own, which takes what follows `--`
      find_jdk
      find_maven
      MVN=$mvn exec "$root/$module/$tests" "$@"
      ;;
  esac
  [ -n "$seed" ] || seed=$((RANDOM << 15 | RANDOM))
  [[ $seed =~ ^-?[0-9]{1,18}$ ]] || die "$USAGE" "soak: --seed takes a whole number of at most 18 digits, not '$seed'"

  find_jdk
  find_maven
  say "soak $name with seed $seed; to do it again: ./erpc soak $name --seed $seed"
  mkdir -p "$state"
  touch "$state/test-started"
  lock
  # As in production: all compilers, the usual collector.
  maven test -pl "$module" -am "-Dtest=$tests" -Dsurefire.failIfNoSpecifiedTests=false -Dsurefire.jit=-XX:+UseG1GC \
    -Derpc.long=true "-Derpc.seed=$seed" "$@" || code=$?
  unlock
  ran=$(count_tests "$state/test-started")
  say "ran: $ran tests in $((SECONDS - started)) s, with seed $seed"
  [ "$code" = 0 ] || die "$FAILED" "soak $name: FAILED (Maven's exit code $code; the reasons are above)"
  [ "$ran" != 0 ] || die "$FAILED" "soak $name: FAILED, for no test ran; does config/soaks name one that exists?"
  say "soak $name: passed"
}
