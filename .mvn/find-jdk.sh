# Finds a JDK 25; sourced by lockstep, mvnw and .ci/run. Uses nothing but the shell itself until a
# java has been found, so that it can explain itself on the barest machine.

# Major version of the JDKs that can build and run Lockstep, which uses an incubating module.
jdk_wanted=25

# Folders that hold JDKs or are one, a line each. LOCKSTEP_JDK_FOLDERS (separated by colons)
# replaces them all.
jdk_folders() {
  if [ -n "${LOCKSTEP_JDK_FOLDERS+set}" ]; then
    jdk_ifs=$IFS
    IFS=:
    for jdk_folder in $LOCKSTEP_JDK_FOLDERS; do
      printf '%s\n' "$jdk_folder"
    done
    IFS=$jdk_ifs
    return
  fi
  jdk_user=${HOME:-/nonexistent}
  for jdk_folder in \
    /usr/lib/jvm /usr/lib64/jvm /usr/java /usr/local/java /usr/local/lib/jvm \
    /opt /opt/java /opt/jdk /usr/local \
    /opt/homebrew/opt /usr/local/opt /home/linuxbrew/.linuxbrew/opt \
    /Library/Java/JavaVirtualMachines "$jdk_user/Library/Java/JavaVirtualMachines" \
    "$jdk_user/.sdkman/candidates/java" "$jdk_user/.jdks" "$jdk_user/.gradle/jdks" \
    "$jdk_user/.asdf/installs/java" "$jdk_user/.local/share/mise/installs/java" \
    "$jdk_user/.jabba/jdk"; do
    printf '%s\n' "$jdk_folder"
  done
}

# Whether $1 is the home of a JDK (not a bare runtime) of the wanted version.
is_wanted_jdk() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
  if [ -r "$1/release" ]; then
    while IFS= read -r jdk_line || [ -n "$jdk_line" ]; do
      case $jdk_line in
        "JAVA_VERSION=\"$jdk_wanted\"" | "JAVA_VERSION=\"$jdk_wanted."*) return 0 ;;
        JAVA_VERSION=*) return 1 ;;
      esac
    done <"$1/release"
  fi
  case $("$1/bin/java" -version 2>&1) in
    *"version \"$jdk_wanted\""* | *"version \"$jdk_wanted."*) return 0 ;;
  esac
  return 1
}

# Prints the home of the java on the PATH, which may be a link or a version manager's shim.
jdk_on_path() {
  command -v java >/dev/null 2>&1 || return 1
  java -XshowSettings:properties -version 2>&1 | while IFS= read -r jdk_line; do
    case $jdk_line in
      *java.home\ =\ *) printf '%s\n' "${jdk_line#*java.home = }" ;;
    esac
  done
}

# Sets jdk_home to a JDK of the wanted version: JAVA_HOME, the java on the PATH, then the usual
# folders. Says what to install and fails when there is none.
find_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && is_wanted_jdk "$JAVA_HOME"; then
    jdk_home=$JAVA_HOME
    return
  fi
  jdk_home=$(jdk_on_path) || jdk_home=
  if [ -n "$jdk_home" ] && is_wanted_jdk "$jdk_home"; then
    return
  fi
  jdk_home=$(
    jdk_folders | while IFS= read -r jdk_folder; do
      for jdk_candidate in "$jdk_folder" "$jdk_folder"/*/Contents/Home \
        "$jdk_folder"/*/libexec/openjdk.jdk/Contents/Home "$jdk_folder"/*/libexec \
        "$jdk_folder"/*; do
        if is_wanted_jdk "$jdk_candidate"; then
          printf '%s\n' "$jdk_candidate"
          exit
        fi
      done
    done
  )
  if [ -z "$jdk_home" ]; then
    printf 'Lockstep needs a JDK %s: install one (for example Temurin %s, from adoptium.net or your package manager) or set JAVA_HOME to it.\n' \
      "$jdk_wanted" "$jdk_wanted" >&2
    return 1
  fi
}
