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
    s/@JUNIT@/$(version_of junit)/; s/@NETTY@/$(version_of netty)/; s/@BOOT@/$1/"
}

# The template without the elements that have another mark than these. A mark stands behind the
# element's first line; an element ends with a line of the same indentation.
with() { # marks
  awk -v marks=" $1 " '
    end { if ($0 == end) end = ""; next }
    match($0, / <!-- [a-z-]+ -->$/) {
      mark = substr($0, RSTART + 6, RLENGTH - 10)
      element = substr($0, 1, RSTART - 1)
      if (index(marks, " " mark " ")) { print element; next }
      if (element !~ /<\//) { end = element; sub(/</, "</", end) }
      next
    }
    { print }'
}

project() { # its name, marks of the pom, Spring Boot's version
  folder=$work/$1
  mkdir -p "$folder/src/main/java/shop"
  cp "$here/src/Shop.java" "$folder/src/main/java/shop/"
  with "$2" <"$here/pom.xml" | fill_in "${3:-}" >"$folder/pom.xml"
}

# Nothing waits forever: downloads may be slow, but not that slow.
limited() { # seconds, command…
  if command -v timeout >/dev/null; then timeout "$@"; else "${@:2}"; fi
}

maven() { (cd "$folder" && limited 1800 "${MVN:-mvn}" -B -ntp -q "-Dmaven.repo.local=$repository" "$@"); }

java() { limited 300 "$JAVA_HOME/bin/java" "$@" "$work/certificates" 2>&1; }

# ------------------------------------------------------------------------------------------ cases

asAMavenProject() {
  project "$1" 'erpc-bom plain'
  mkdir -p "$folder/src/test/java/shop"
  cp "$here/test/ShopTest.java" "$folder/src/test/java/shop/"
  maven package "-Dcertificates=$work/certificates" "-DargLine=$NATIVE" dependency:copy-dependencies \
    -DincludeScope=runtime &&
    says "$EXPECTED" java "$NATIVE" -cp "$folder/target/classes:$folder/target/dependency/*" shop.Shop
}

gradle_runs() { # tasks
  local old
  old=$(dirname "$(dirname "$(ls -d /usr/lib/jvm/*17*/bin/javac 2>/dev/null | head -n 1)")")
  (cd "$folder" && JAVA_HOME=$old limited 1800 gradle --no-daemon -g "$root/.erpc/first-hours/gradle" \
    "-Prepository=$repository" "-Pjdk=$JAVA_HOME" "-Pcertificates=$work/certificates" "$@" 2>&1)
}

asAGradleProject() {
  project "$1" 'erpc-bom plain'
  mkdir -p "$folder/src/test/java/shop"
  cp "$here/test/ShopTest.java" "$folder/src/test/java/shop/"
  fill_in '' <"$here/build.gradle" >"$folder/build.gradle"
  gradle_runs shop junit >"$folder/out"
  cat "$folder/out"
  grep -qF "$EXPECTED" "$folder/out" && grep -qE '1 tests successful' "$folder/out"
}

# The first block of a kind in the page on generated code.
shown() { # kind
  awk -v fence='```'"$1" '$0 == "```" { if (inside) exit } inside { print } $0 == fence { inside = 1 }' \
    "$root/docs/codegen.md"
}

withProtos() { # its name
  project "$1" 'erpc-bom plain'
  mkdir -p "$folder/src/main/proto/shop"
  shown proto >"$folder/src/main/proto/shop/greeter.proto"
  shown java >"$folder/src/main/java/shop/Shop.java"
}

fromAProtoByMaven() {
  withProtos "$1"
  shown xml >"$folder/entry"
  sed "/<plugins>/r $folder/entry" "$folder/pom.xml" >"$folder/pom.new" && mv "$folder/pom.new" "$folder/pom.xml"
  maven package dependency:copy-dependencies -DincludeScope=runtime &&
    says "hello erpc" java "$NATIVE" -cp "$folder/target/classes:$folder/target/dependency/*" shop.Shop
}

fromAProtoByGradle() {
  withProtos "$1"
  {
    fill_in '' <"$here/build.gradle"
    shown groovy
    echo 'generateErpc.executable = "${jdk}/bin/java"'
  } >"$folder/build.gradle"
  gradle_runs shop >"$folder/out"
  cat "$folder/out"
  grep -qF "hello erpc" "$folder/out"
}

boot() { # name, marks, Spring Boot's version, text and how it ends
  project "$1" "boot $2" "$3"
  cp "$here/src/BootShop.java" "$folder/src/main/java/shop/"
  maven package && "${5:-says}" "$4" java "$NATIVE" -jar "$folder/target/shop-1.jar"
}

withSpringBoot3() { boot "$1" 'erpc-bom boot-bom' "$BOOT_3" "$EXPECTED"; }

withSpringBoot4() { boot "$1" 'erpc-bom boot-bom' "$BOOT_4" "$EXPECTED"; }

withSpringBoot3AsParent() { boot "$1" 'erpc-bom boot-parent' "$BOOT_3" "$EXPECTED"; }

withSpringBoot3AndItsNettyIsRefused() {
  boot "$1" 'no-erpc-bom boot-bom' "$BOOT_3" "erpc cannot start: it needs Netty 4.2" fails_with
}

# As that refusal advises.
withSpringBoot3AsParentAndNettysProperty() {
  boot "$1" 'no-erpc-bom boot-parent netty-property' "$BOOT_3" "$EXPECTED"
}

asAShadedJar() {
  project "$1" 'erpc-bom plain shade'
  maven package -DskipTests && says "$EXPECTED" java "$NATIVE" -jar "$folder/target/shop-1.jar"
}

asANamedModule() {
  project "$1" 'erpc-bom plain'
  maven dependency:copy-dependencies -DincludeScope=runtime &&
    "$JAVA_HOME/bin/javac" -d "$folder/classes" -p "$folder/target/dependency" "$here/module-info.java" \
      "$here/src/Shop.java" &&
    says "$EXPECTED" java -p "$folder/target/dependency:$folder/classes" -m shop/shop.Shop &&
    { [ "$(uname -sm)" != "Linux x86_64" ] || # as docs/operating.md advises
      says ", epoll, TLS" java --add-modules io.netty.transport.epoll.linux.x86_64 \
        -p "$folder/target/dependency:$folder/classes" -m shop/shop.Shop; }
}

# -------------------------------------------------------------------------------------------- run

says() { # text, command that is to succeed…
  local told code=0
  told=$("${@:2}") || code=$?
  printf '%s\nexit code %s\n' "$told" "$code"
  [ "$code" = 0 ] && grep -qF -- "$1" <<<"$told"
}

fails_with() { # text, command that is to fail by itself…
  local told code=0
  told=$("${@:2}") || code=$?
  printf '%s\nexit code %s\n' "$told" "$code"
  [ "$code" = 1 ] && grep -qF -- "$1" <<<"$told"
}

try() { # name of a case
  local begun=$SECONDS
  say "$1"
  if "$1" "$1" >"$work/log" 2>&1; then
    passed="$passed $1"
    say "$1: passed in $((SECONDS - begun)) s"
  else
    failed="$failed $1"
    tail -n 40 "$work/log"
    say "$1: FAILED after $((SECONDS - begun)) s"
  fi
}

all="asAMavenProject asAGradleProject fromAProtoByMaven fromAProtoByGradle withSpringBoot3 withSpringBoot3AsParent
  withSpringBoot3AndItsNettyIsRefused withSpringBoot3AsParentAndNettysProperty withSpringBoot4 asAShadedJar asANamedModule"
for each in "$@"; do
  case " $(echo $all) " in
    *" $each "*) ;;
    *)
      say "there is no case '$each'; there are: $(echo $all)"
      exit 2
      ;;
  esac
done
command -v openssl >/dev/null || {
  say "openssl is missing, which makes the certificates"
  exit 3
}
mkdir -p "$repository" "$work/certificates"
rm -rf "$repository/io/github/edte"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/certificates/key.pem" -out "$work/certificates/cert.pem" 2>/dev/null || exit 1
"$root/erpc" install -- "-Dmaven.repo.local=$repository" >"$work/lines" || exit 1
grep -qF "<version>$(erpc_version)</version>" "$work/lines" || failed=" linesOfInstall"

for each in ${*:-$all}; do
  if [[ $each = *Gradle* ]] && ! { command -v gradle >/dev/null && ls -d /usr/lib/jvm/*17*/bin/javac; } >/dev/null 2>&1; then
    left_out=" $each (needs Debian's gradle and openjdk-17-jdk-headless)"
    continue
  fi
  try "$each"
done
say "passed:${passed:- nothing}"
[ -z "$left_out" ] || say "left out:$left_out"
[ -z "$failed" ] || say "FAILED:$failed"
[ -z "$failed" ]
