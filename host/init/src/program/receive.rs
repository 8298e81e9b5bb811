//! Receives a packet with the files that it comes with, and sends one.

use super::sys::{EPROTO, Errno, syscall};
use crate::wire;

/// The size of a control message's header, in words.
const HEADER_WORDS: usize = 2;
/// Room for [`wire::FILES_MAX`] descriptors, in words.
const CONTROL_WORDS: usize = HEADER_WORDS + wire::FILES_MAX.div_ceil(2);

/// What the host sends with descriptors.
pub(crate) struct Packet {
    /// [`wire::JOIN`] or [`wire::ORDER`].
    pub(crate) kind: u8,
    files: [i32; wire::FILES_MAX],
    count: usize,
}

/// A kernel `struct msghdr`.
#[repr(C)]
struct Message {
    name: usize,
    name_len: usize,
    parts: *const [usize; 2],
    part_count: usize,
    control: *mut u64,
    control_len: usize,
    flags: i32,
}

impl Packet {
    /// Waits for one; `None` when the host is gone.
    pub(crate) fn receive(socket: i32) -> Result<Option<Self>, Errno> {
        const MSG_CMSG_CLOEXEC: usize = 0x4000_0000;
        const TRUNCATED: i32 = 0x20 | 0x8;
        let mut kind = 0u8;
        let mut control = [0u64; CONTROL_WORDS];
        let part = [&raw mut kind as usize, size_of_val(&kind)];
        let mut message = Message {
            name: 0,
            name_len: 0,
            parts: &raw const part,
            part_count: 1,
            control: control.as_mut_ptr(),
            control_len: size_of_val(&control),
            flags: 0,
        };
        let len = syscall!(47, socket, &raw mut message, MSG_CMSG_CLOEXEC)?;
        if len == 0 {
            return Ok(None);
        }
        if message.flags & TRUNCATED != 0 {
            return Err(EPROTO);
        }
        Self::decode(kind, &control).map(Some)
    }

    fn decode(kind: u8, control: &[u64; CONTROL_WORDS]) -> Result<Self, Errno> {
        // The level SOL_SOCKET and the type SCM_RIGHTS, in one word.
        const DESCRIPTORS: u64 = 1 << 32 | 1;
        let bytes = (control[0] as usize).checked_sub(HEADER_WORDS * size_of::<u64>());
        let count = bytes.ok_or(EPROTO)? / size_of::<i32>();
        if control[1] != DESCRIPTORS || count > wire::FILES_MAX {
            return Err(EPROTO);
        }
        let mut files = [-1; wire::FILES_MAX];
        for (index, file) in files.iter_mut().take(count).enumerate() {
            let word = control[HEADER_WORDS + index / 2];
            *file = (word >> (index % 2 * 32)) as i32;
        }
        Ok(Self { kind, files, count })
    }

    /// Its files.
    pub(crate) fn files(&self) -> &[i32] {
        self.files.get(..self.count).unwrap_or_default()
    }
}

/// Two sockets of packets, connected to each other.
pub(crate) fn socket_pair() -> Result<[i32; 2], Errno> {
    const AF_UNIX: usize = 1;
    const SOCK_SEQPACKET_CLOEXEC: usize = 5 | 0o2_000_000;
    let mut ends = [0i32; 2];
    syscall!(53, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, ends.as_mut_ptr())?;
    Ok(ends)
}

/// Sends a byte with a file.
pub(crate) fn send_file(socket: i32, kind: u8, file: i32) -> Result<(), Errno> {
    const MSG_NOSIGNAL: usize = 0x4000;
    let control = [20, 1 << 32 | 1, file as u32 as u64];
    let part = [&raw const kind as usize, size_of_val(&kind)];
    let message = Message {
        name: 0,
        name_len: 0,
        parts: &raw const part,
        part_count: 1,
        control: control.as_ptr().cast_mut(),
        control_len: size_of_val(&control),
        flags: 0,
    };
    syscall!(46, socket, &raw const message, MSG_NOSIGNAL).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A control message of this size, about descriptors.
    fn control(bytes: u64) -> [u64; CONTROL_WORDS] {
        let mut control = [0; CONTROL_WORDS];
        control[..4].copy_from_slice(&[bytes, 1 << 32 | 1, 6 << 32 | 5, 7]);
        control
    }

    #[test]
    fn descriptors_are_read_as_the_kernel_packs_them() {
        let packet = Packet::decode(wire::ORDER, &control(16 + 3 * 4)).unwrap();
        assert_eq!(packet.kind, wire::ORDER);
        assert_eq!(packet.files(), [5, 6, 7]);
        let none = Packet::decode(wire::JOIN, &control(16)).unwrap();
        assert!(none.files().is_empty());
    }

    #[test]
    fn what_is_sent_is_received() {
        use super::super::sys;
        let [inside, outside] = socket_pair().unwrap();
        let root = sys::open_path(c"/proc").unwrap();
        send_file(outside, b'x', root).unwrap();
        let packet = Packet::receive(inside).unwrap().unwrap();
        assert_eq!((packet.kind, packet.files().len()), (b'x', 1));
        assert_eq!(sys::identity(packet.files()[0]), sys::identity(root));
    }

    #[test]
    fn what_is_no_list_of_descriptors_is_refused() {
        let most = 16 + 4 * wire::FILES_MAX as u64;
        assert!(Packet::decode(wire::JOIN, &control(most)).is_ok());
        let mut credentials = control(16 + 4);
        credentials[1] = 2 << 32 | 1;
        for wrong in [control(0), control(15), control(most + 4), credentials] {
            let decoded = Packet::decode(wire::JOIN, &wrong);
            assert_eq!(decoded.err(), Some(EPROTO), "{wrong:?}");
        }
    }
}
