# shellcheck shell=bash
# Tests of the commands `test` and `soak`; test-launcher.sh reads and runs them.

# ------------------------------------------------------------------------------------ tests: test

with_peers() { # by name only: nothing runs them here
  ln -sfn /bin/sh "$work/bin/python3"
  ln -sfn /bin/sh "$work/bin/node"
  ln -sfn /bin/sh "$work/bin/openssl"
}

testsStrictlyAndSaysWhatRan() {
  with_peers
  erpc test
  exits 0
  called_in_turn "-q spotless:check checkstyle:check" "-Pstrict test-compile" "-Pfuzz verify"
  says "ran: formatter and Checkstyle (n s), launcher, Error Prone and NullAway (n s), tests and fuzz targets (n s): 3 tests (center 1, core 2)"
  says "left out: nothing"
  says "test: passed"
}

testsQuickly() {
  erpc test --quick
  exits 0
  called_in_turn "spotless:check checkstyle:check -pl core,center,testing,codegen,tools,demo" "mvn -B -ntp test -DexcludedGroups=processes"
  says "unit tests (n s): 3 tests"
  says "left out: everything but form and unit tests"
}

tellsAMistakeOfFormBeforeAnythingElse() {
  erpc MAVEN_FAILS=spotless:check test
  exits 1
  built 1
  says "test: FAILED in formatter and Checkstyle"
  says "ran: no test"
  says "no test ran in center, core"
}

runsOnlyTheTestsThatAreNamed() {
  local word
  for word in SomeTest 'Some*#one+two' erpc.SomeTest 'Gone*,SomeTest' 'erpc/**/SomeTest.java'; do
    rm -f "$work/the tree/maven.calls"
    erpc test -- "-Dtest=$word"
    exits 0
    built 1
    built_with "test -DexcludedGroups=python3,nodejs,openssl -pl core -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=$word"
    says "ran: tests (n s): 3 tests (center 1, core 2)"
    says "left out: all but what -Dtest and -pl name"
  done
  erpc test -- -Dtest='!SomeTest'
  built_with "test -DexcludedGroups=python3,nodejs,openssl -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=!SomeTest"
  erpc test -- -pl center -Dtest=SomeTest
  built_with "-am -am -Dsurefire.failIfNoSpecifiedTests=false -pl center -Dtest=SomeTest"
}

failsWhenNothingRan() {
  erpc test -- -Dtest=NamesTest
  exits 1
  says "nothing ran: no module has a test class 'NamesTest'"
  built 0
  local words
  for words in "test" "test --quick" "test -- -Dtest=SomeTest" "test -- -pl core"; do
    # shellcheck disable=SC2086 # words
    erpc MAVEN_TESTS=none $words
    exits 1
    says "no test"
    says "test: FAILED, for no test ran"
    silent_on "passed"
  done
}

saysWhatRanWhenMavenStoppedEarly() {
  erpc MAVEN_FAILS=verify test
  exits 1
  says "ran: formatter and Checkstyle (n s), launcher, Error Prone and NullAway (n s), 2 tests (core 2 of which 1 failed)"
  says "FAILED in tests and fuzz targets"
  says "no test ran in center"
  silent_on "left out"
}

helpsOnTestItself() {
  rm -rf "$work/jdks/a"
  local words
  for words in "test --help" "test -h" "help test"; do
    # shellcheck disable=SC2086 # words
    erpc $words
    exits 0
    says "erpc test [--quick]"
    silent_on "./erpc demo"
  done
  built 0
}

leavesOutWhatNeedsAMissingPeer() {
  erpc test
  exits 0
  built_with "-DexcludedGroups=python3,nodejs,openssl"
  erpc test --quick
  built_with "-DexcludedGroups=processes,python3,nodejs,openssl"
  erpc test
  says "left out: tests that need python3 nodejs openssl"
  says "apt-get install python3 nodejs openssl"
}

installsPeersAsRootInCi() {
  printf '#!/bin/sh\necho 0\n' >"$work/bin/id"
  printf '#!/bin/sh\necho "apt-get $*"\nif [ "$1" = install ]; then for each in python3 node openssl; do ln -s /bin/sh "%s/bin/$each"; done; fi\n' "$work" \
    >"$work/bin/apt-get"
  chmod +x "$work/bin/apt-get"
  erpc CI=true test
  exits 0
  says "apt-get install"
  says "left out: nothing"
}

saysWhenPeersCannotBeInstalled() {
  erpc test --install
  exits 3
  says "needs root and apt-get"
  built 0
}

refusesUnknownArgumentsOfTest() {
  erpc test --fast
  exits 2
  says "unknown argument '--fast'"
}

documentsNameTestsThatExist() { # in this tree
  local tree name
  tree=$(dirname "$launcher")
  code=0
  output=
  while IFS= read -r name; do
    check "there is a $name" test -n "$(find "$tree" -path "*/src/test/java/*/$name.java")"
  done < <(grep -ohE -- "-Dtest='?[A-Za-z]+Test" "$tree"/*.md "$tree"/docs/*.md "$tree/config/test-commands.sh" | sed "s/.*=//; s/'//" | sort -u)
}

quickTestsStartNoProcesses() { # in this tree
  local file
  code=0
  output=
  while IFS= read -r file; do
    check "$file has @Tag(\"processes\")" grep -qF '@Tag("processes")' "$file"
  done < <(grep -rlE 'new ProcessBuilder|= (closing\()?Program\.|Started\.demo|Bench\.run|Python\.run|Peer\.run' --include='*Test.java' "$(dirname "$launcher")")
}

# ------------------------------------------------------------------------------------ tests: soak

runsTheLongFormThatIsNamed() {
  erpc soak calls --seed 42 -- -o
  exits 0
  built_with "mvn -B -ntp test -pl center -am -Dtest=erpc.Calls,erpc.*More#one+two"
  built_with "-Derpc.long=true -Derpc.seed=42 -o"
  says "./erpc soak calls --seed 42"
  says "ran: 3 tests"
  says "soak calls: passed"
  erpc soak calls
  exits 0
  says "$(last_build | sed 's/.*-Derpc.seed=\([0-9][0-9]*\) .*/with seed \1;/')"
}

failsASoakThatFailsOrRunsNothing() {
  erpc MAVEN_FAILS=test soak calls
  exits 1
  says "soak calls: FAILED"
  erpc MAVEN_TESTS=none soak calls
  exits 1
  says "no test ran"
}

listsTheSoaks() {
  local words
  for words in "soak" "soak --help" "soak -h"; do
    # shellcheck disable=SC2086 # words
    erpc $words
    exits 0
    says "calls        very many calls"
    silent_on "remark"
  done
  erpc soak cals
  exits 2
  says "there is no 'cals'; there are: calls"
  built 0
}

refusesWhatASoakDoesNotTake() {
  erpc soak calls --seed
  exits 2
  erpc soak calls --seed 1e3
  exits 2
  says "not '1e3'"
  erpc soak calls --sed 3
  exits 2
  says "unknown option '--sed'"
  erpc soak calls calls
  exits 2
  built 0
}

everySoakOfTheListNamesTests() {
  local tree module tests each class
  tree=$(dirname "$launcher")
  code=0
  output=
  while read -r name module tests _; do
    case $tests in
      *.sh)
        check "$name: $tests is a script of $module" test -x "$tree/$module/$tests"
        continue
        ;;
    esac
    for each in ${tests//,/ }; do
      class=${each%%#*}
      check "$name: $class is a test of $module" test -f "$tree/$module/src/test/java/${class//.//}.java"
    done
  done < <(grep '^[^#[:space:]]' "$tree/config/soaks")
}

runsASoakThatIsAScript() {
  mkdir "$work/the tree/hours"
  printf '#!/bin/sh\necho "ran with $1, $JAVA_HOME, $MVN"\nexit 1\n' >"$work/the tree/hours/run.sh"
  chmod +x "$work/the tree/hours/run.sh"
  printf 'hours hours run.sh a script\n' >>"$work/the tree/config/soaks"
  erpc soak hours -- some
  exits 1
  says "ran with some, $work/jdks/a, mvn"
  built 0
}
