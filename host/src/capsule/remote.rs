//! File systems served by another machine or process, which may never answer.

use std::fs::File;

use rustix::io::Errno;

/// File systems that the kernel serves itself: using a file never waits for anybody else.
const LOCAL: [u32; 14] = [
    0xef53,      // ext2, ext3, ext4
    0x5846_5342, // XFS
    0x9123_683e, // Btrfs
    0x0102_1994, // tmpfs
    0x8584_58f6, // ramfs
    0x794c_7630, // overlayfs
    0x2fc1_2fc1, // ZFS
    0xf2f5_2010, // F2FS
    0xca45_1a4e, // bcachefs
    0x4d44,      // FAT
    0x2011_bab0, // exFAT
    0x9660,      // ISO 9660
    0x7371_7368, // SquashFS
    0xe0f5_e1e2, // EROFS
];

/// Returns whether using a file may wait for another machine or process.
pub(crate) fn is_remote(file: &File) -> Result<bool, Errno> {
    let kind = rustix::fs::fstatfs(file)?.f_type;
    // The type differs between architectures; the number has 32 bits.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok(!LOCAL.contains(&(kind as u32)))
}
