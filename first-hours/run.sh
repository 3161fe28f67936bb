#!/usr/bin/env bash
# What a new user does in the first hours: makes a project outside of this tree that takes erpc from
# a Maven repository, in each of the ways in which people build. `./erpc soak first-hours` runs it.
# Downloads are kept in .erpc/first-hours; erpc itself is installed anew each time.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${here%/*}
repository=$root/.erpc/first-hours/repository
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
readonly EXPECTED="shop: 2 tea, hello erpc, 2 calls"
readonly BOOT_3=3.5.7 BOOT_4=4.0.7
readonly NATIVE=--enable-native-access=ALL-UNNAMED
passed='' failed='' left_out=''

say() { printf 'first-hours: %s\n' "$*"; }

version_of() { sed -n "s:^    <$1.version>\(.*\)</$1.version>.*:\1:p" "$root/pom.xml"; }
erpc_version() { sed -n 's:^  <version>\(.*\)</version>.*:\1:p' "$root/pom.xml" | head -n 1; }

# --------------------------------------------------------------------------------------- projects

fill_in() { # Spring Boot's version
  sed "s/@ERPC@/$(erpc_version)/; s/@JACKSON@/$(version_of jackson)/; s/@SLF4J@/$(version_of slf4j)/
    s/@JUNIT@/$(version_of junit)/; s/@BOOT@/$1/"
}

without() { # marks: leaves out each dependency and plugin that has one of them
  awk -v marks="$1" '
    !end && $0 ~ ("<!-- (" marks ") -->") { end = $0; sub(/<!--.*/, "", end); sub(/</, "</", end); sub(/ *$/, "", end); next }
    end { if ($0 == end) end = ""; next }
    { print }'
}

project() { # its name, marks of the pom to leave out, Spring Boot's version
  folder=$work/$1
  mkdir -p "$folder/src/main/java/shop"
  cp "$here/src/Shop.java" "$folder/src/main/java/shop/"
  without "$2" <"$here/pom.xml" | fill_in "${3:-}" >"$folder/pom.xml"
}

maven() { (cd "$folder" && "${MVN:-mvn}" -B -ntp -q "-Dmaven.repo.local=$repository" "$@"); }

java() { "$JAVA_HOME/bin/java" "$@" "$work/certificates" 2>&1; }

# ------------------------------------------------------------------------------------------ cases

asAMavenProject() {
  project "$1" 'spring|shade'
  mkdir -p "$folder/src/test/java/shop"
  cp "$here/test/ShopTest.java" "$folder/src/test/java/shop/"
  maven package "-Dcertificates=$work/certificates" "-DargLine=$NATIVE" dependency:copy-dependencies \
    -DincludeScope=runtime &&
    says "$EXPECTED" java "$NATIVE" -cp "$folder/target/classes:$folder/target/dependency/*" shop.Shop
}

asAGradleProject() {
  local old
  old=$(dirname "$(dirname "$(ls -d /usr/lib/jvm/*17*/bin/javac 2>/dev/null | head -n 1)")")
  project "$1" 'spring|shade'
  mkdir -p "$folder/src/test/java/shop"
  cp "$here/test/ShopTest.java" "$folder/src/test/java/shop/"
  fill_in '' <"$here/build.gradle" >"$folder/build.gradle"
  (cd "$folder" && JAVA_HOME=$old gradle --no-daemon -g "$root/.erpc/first-hours/gradle" "-Prepository=$repository" \
    "-Pjdk=$JAVA_HOME" "-Pcertificates=$work/certificates" shop junit 2>&1) >"$folder/out"
  cat "$folder/out"
  grep -qF "$EXPECTED" "$folder/out" && grep -qE '1 tests successful' "$folder/out"
}

boot() { # name, marks, Spring Boot's version, what it says
  project "$1" "$2" "$3"
  cp "$here/src/BootShop.java" "$folder/src/main/java/shop/"
  maven package && says "$4" java "$NATIVE" -jar "$folder/target/shop-1.jar"
}

withSpringBoot3() { boot "$1" 'plain|shade' "$BOOT_3" "$EXPECTED"; }

withSpringBoot4() { boot "$1" 'plain|shade' "$BOOT_4" "$EXPECTED"; }

withSpringBoot3AndItsNettyIsRefused() {
  boot "$1" 'plain|shade|erpc-bom' "$BOOT_3" "erpc cannot start: it needs Netty 4.2"
}

asAShadedJar() {
  project "$1" 'spring'
  maven package -DskipTests && says "$EXPECTED" java "$NATIVE" -jar "$folder/target/shop-1.jar"
}

asANamedModule() {
  project "$1" 'spring|shade'
  maven dependency:copy-dependencies -DincludeScope=runtime &&
    "$JAVA_HOME/bin/javac" -d "$folder/classes" -p "$folder/target/dependency" "$here/module-info.java" \
      "$here/src/Shop.java" &&
    says "$EXPECTED" java -p "$folder/target/dependency:$folder/classes" -m shop/shop.Shop
}

# -------------------------------------------------------------------------------------------- run

says() { # text, command…
  local text=$1 told
  shift
  told=$("$@")
  printf '%s\n' "$told"
  grep -qF -- "$text" <<<"$told"
}

try() { # name of a case
  say "$1"
  if "$1" "$1" >"$work/log" 2>&1; then
    passed="$passed $1"
  else
    failed="$failed $1"
    tail -n 40 "$work/log"
    say "FAILED: $1"
  fi
}

mkdir -p "$repository" "$work/certificates"
rm -rf "$repository/io/github/edte"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/certificates/key.pem" -out "$work/certificates/cert.pem" 2>/dev/null || exit 3
"$root/erpc" install -- "-Dmaven.repo.local=$repository" >"$work/lines" || exit 1
grep -qF "<version>$(erpc_version)</version>" "$work/lines" || failed=" linesOfInstall"

cases=${*:-asAMavenProject asAGradleProject withSpringBoot3 withSpringBoot3AndItsNettyIsRefused withSpringBoot4 asAShadedJar asANamedModule}
for each in $cases; do
  if [ "$each" = asAGradleProject ] && ! { command -v gradle >/dev/null && ls -d /usr/lib/jvm/*17*/bin/javac; } >/dev/null 2>&1; then
    left_out=" $each (needs Debian's gradle and openjdk-17-jdk-headless)"
    continue
  fi
  try "$each"
done
say "passed:${passed:- nothing}"
[ -z "$left_out" ] || say "left out:$left_out"
[ -z "$failed" ] || say "FAILED:$failed"
[ -z "$failed" ]
