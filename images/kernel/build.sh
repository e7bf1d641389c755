#!/usr/bin/env bash
# Makes the guest kernel: OUTDIR/vmlinux, OUTDIR/modules/*.ko with their load order, OUTDIR/manifest.json.
#
# The kernel is Debian's cloud kernel. Its package is downloaded and unpacked, never installed; apt checks the
# archive's signature and the package's hash, and the hash is compared once more here. The kernel is taken out of its
# self-extracting wrapper, because an ELF image is started directly (PVH): that saves 0.7 s of decompression in an
# emulated guest at every boot. Needs no root. Does nothing when OUTDIR is already what the manifest says.
set -euo pipefail
export LC_ALL=C

# What a guest needs from its first instruction to its root file system; dependencies are found by themselves.
readonly MODULES="virtio_mmio virtio_net virtio_blk squashfs overlay qemu_fw_cfg"
readonly METAPACKAGE=linux-image-cloud-amd64

# shellcheck source=eng/lib.sh
source "$(dirname "$0")/../../eng/lib.sh"
say() { printf 'kernel: %s\n' "$*" >&2; }
fail() { printf 'kernel: %s\n' "$*" >&2; exit 1; }

need() {
  local tool=$1 package=$2
  command -v "$tool" >/dev/null || fail "$tool was not found in PATH; install the package $package"
}

sha256() { sha256sum "$1" | cut -d' ' -f1; }

# The package that the metapackage stands for, such as linux-image-6.1.0-56-cloud-amd64.
concrete_package() {
  apt-cache depends "$METAPACKAGE" | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1
}

# One field of the package's candidate version.
package_field() { apt-cache show --no-all-versions "$1" | sed -n "s/^$2: //p" | head -n 1; }

# Whether OUTDIR holds this package's kernel, unchanged.
is_current() {
  local dir=$1 version=$2 line path hash
  [ -f "$dir/manifest.json" ] || return 1
  grep -qF "\"packageVersion\": \"$version\"" "$dir/manifest.json" || return 1
  while read -r line; do
    path=$(sed 's/.*"path": "\([^"]*\)".*/\1/' <<<"$line")
    hash=$(sed 's/.*"sha256": "\([^"]*\)".*/\1/' <<<"$line")
    [ -f "$dir/$path" ] && [ "$(sha256 "$dir/$path")" = "$hash" ] || return 1
  done < <(grep '"path":' "$dir/manifest.json")
}

# A little-endian number of a file: FILE OFFSET BYTES.
number_at() { od -An -v -j "$2" -N "$3" -t "u$3" "$1" | tr -d ' '; }

# Takes the ELF image out of a bzImage (Documentation/arch/x86/boot.rst: payload_offset and payload_length are at
# 0x248 and 0x24c, counted from the end of the setup sectors).
extract_vmlinux() {
  local bzimage=$1 out=$2 sectors start length magic
  sectors=$(number_at "$bzimage" $((0x1f1)) 1)
  start=$(((sectors + 1) * 512 + $(number_at "$bzimage" $((0x248)) 4)))
  length=$(number_at "$bzimage" $((0x24c)) 4)
  tail -c "+$((start + 1))" "$bzimage" | head -c "$length" >"$out.payload" || true
  magic=$(od -An -N 4 -t x1 "$out.payload" | tr -d ' ')
  case $magic in
    02214c18) decompress "$out" lz4 lz4 -d -c ;;
    28b52ffd) decompress "$out" zstd zstd -d -c ;;
    1f8b*) decompress "$out" gzip gzip -d -c ;;
    *) fail "the kernel is compressed in a way that this script does not know (magic $magic)" ;;
  esac
  rm -f "$out.payload"
  [ "$(od -An -N 4 -t x1 "$out" | tr -d ' ')" = 7f454c46 ] || fail "the extracted kernel is not an ELF image"
}

# The kernel's build appends the unpacked size to the payload (gzip has it already): compared afterwards, since the
# decompressors' own exit codes trip over those four bytes.
decompress() {
  local out=$1 tool=$2 size
  shift 2
  need "$tool" "$tool"
  size=$(tail -c 4 "$out.payload" | od -An -t u4 | tr -d ' ')
  if [ "$tool" = gzip ]; then cat "$out.payload"; else head -c -4 "$out.payload"; fi | "$@" >"$out"
  [ "$(stat -c %s "$out")" = "$size" ] || fail "the unpacked kernel has $(stat -c %s "$out") bytes, $size were expected"
}

# The names of the modules that a module file depends on, from its own .modinfo section (there is no modules.dep in
# the package: depmod makes it when a kernel is installed).
module_dependencies() {
  tr '\0' '\n' <"$1" | grep -a '^depends=' | head -n 1 | cut -d= -f2 | tr ',-' ' _'
}

module_path() { find "$1" -name "$2.ko" -o -name "${2//_/-}.ko" | head -n 1; }

# Copies a module after everything that it depends on, and notes the order.
add_module() {
  local tree=$1 out=$2 name=$3 file dependency
  grep -qx "$name.ko" "$out/modules/order" && return
  file=$(module_path "$tree" "$name")
  [ -n "$file" ] || fail "the kernel package has no module $name"
  for dependency in $(module_dependencies "$file"); do add_module "$tree" "$out" "$dependency"; done
  install -m 0644 "$file" "$out/modules/$name.ko"
  echo "$name.ko" >>"$out/modules/order"
}

write_manifest() {
  local dir=$1 kernel=$2 package=$3 version=$4 package_hash=$5 separator="" path
  {
    printf '{\n  "kernelVersion": "%s",\n  "package": "%s",\n  "packageVersion": "%s",\n  "packageSha256": "%s",\n' \
      "$kernel" "$package" "$version" "$package_hash"
    printf '  "files": ['
    (cd "$dir" && find . -type f ! -name manifest.json -printf '%P\n' | sort) | while read -r path; do
      printf '%s\n    {"path": "%s", "sha256": "%s"}' "$separator" "$path" "$(sha256 "$dir/$path")"
      separator=,
    done
    printf '\n  ]\n}\n'
  } >"$dir/manifest.json"
}

main() {
  [ $# -eq 1 ] || { echo "usage: $0 OUTDIR" >&2; exit 2; }
  local outdir=$1 package version hash work kernel
  need apt-get apt
  need dpkg-deb dpkg
  package=$(concrete_package)
  [ -n "$package" ] || fail "apt knows no package behind $METAPACKAGE; run apt-get update"
  version=$(package_field "$package" Version)
  if is_current "$outdir" "$version"; then
    say "$package $version is there already"
    return
  fi

  work_directory work
  # apt fetches as its own user where it can, which must be able to write here.
  chmod 0755 "$work"
  say "downloading $package $version"
  (cd "$work" && apt-get download -qq "$package" 2>apt.log) || { cat "$work/apt.log" >&2; fail "the download of $package failed"; }
  hash=$(sha256 "$work"/*.deb)
  [ "$hash" = "$(package_field "$package" SHA256)" ] || fail "the downloaded $package has SHA-256 $hash, not the one that apt knows"

  dpkg-deb -x "$work"/*.deb "$work/tree"
  kernel=${package#linux-image-}
  mkdir -p "$work/out/modules"
  : >"$work/out/modules/order"
  extract_vmlinux "$work/tree/boot/vmlinuz-$kernel" "$work/out/vmlinux"
  for name in $MODULES; do add_module "$work/tree/lib/modules/$kernel" "$work/out" "$name"; done
  chmod 0644 "$work/out/vmlinux"
  write_manifest "$work/out" "$kernel" "$package" "$version" "$hash"

  # The old one is replaced only by a complete new one.
  mkdir -p "$(dirname "$outdir")"
  rm -rf "$outdir.new" "$outdir.old"
  cp -r "$work/out" "$outdir.new"
  [ ! -e "$outdir" ] || mv -T "$outdir" "$outdir.old"
  mv -T "$outdir.new" "$outdir"
  rm -rf "$outdir.old"
  say "$kernel, $(wc -l <"$outdir/modules/order") modules in $outdir"
}

main "$@"
