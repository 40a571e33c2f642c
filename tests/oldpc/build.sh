#!/bin/sh
# The kernel of a Debian PC and a small first disk for it, in build/oldpc. Nothing is installed; the kernel comes out of its package.
set -eu
cd "$(dirname "$0")/../.."
for program in qemu-system-x86_64 busybox cpio modprobe apt-get dpkg-deb; do
    command -v "$program" >/dev/null || {
        echo "make oldpc needs $program; on Debian: apt-get install qemu-system-x86 seabios ipxe-qemu busybox-static cpio kmod" >&2
        exit 1
    }
done
out=build/oldpc
mkdir -p "$out"
package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
version=${package#linux-image-}
if [ ! -f "$out/$version.ready" ]; then
    rm -rf "$out"/*
    (cd "$out" && apt-get download -qq "$package" && dpkg-deb --fsys-tarfile linux-image-*.deb | tar x --wildcards \
        './boot/vmlinuz-*' './lib/modules/*/modules.*' './lib/modules/*/kernel/drivers/usb/*' './lib/modules/*/kernel/fs/9p/*' \
        './lib/modules/*/kernel/fs/netfs/*' './lib/modules/*/kernel/fs/fscache/*' './lib/modules/*/kernel/fs/configfs/*' \
        './lib/modules/*/kernel/net/9p/*' './lib/modules/*/kernel/drivers/virtio/*' './lib/modules/*/kernel/drivers/char/*')
    rm -f "$out"/linux-image-*.deb
    depmod -b "$out" "$version"
    touch "$out/$version.ready"
fi

# busybox's insmod knows no dependencies: the files in their order
disk=$out/disk
rm -rf "$disk"
mkdir -p "$disk/bin" "$disk/modules" "$disk/host" "$disk/proc" "$disk/sys" "$disk/dev"
cp "$(command -v busybox)" "$disk/bin/busybox"
for name in virtio_pci 9pnet_virtio 9p xhci_pci uhci_hcd ftdi_sio cdc_acm configfs libcomposite usb_f_acm dummy_hcd; do
    modprobe -n --show-depends -d "$out" -S "$version" "$name" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' >"$out/modules"
while read -r file; do
    cp "$file" "$disk/modules/"
    options=
    case $file in *dummy_hcd*) options="num=2" ;; esac
    echo "/bin/busybox insmod /modules/$(basename "$file") $options"
done <"$out/modules" >"$disk/insert"
cp tests/oldpc/init "$disk/init"
chmod +x "$disk/init"
(cd "$disk" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/disk.gz"
cp "$out/boot/vmlinuz-$version" "$out/vmlinuz"
