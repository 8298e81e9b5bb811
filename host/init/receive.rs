//! Receives the order from the host, with the files that it comes with.

use crate::sys::{self, EPROTO, Errno, syscall};
use crate::wire;

/// The size of a control message's header, in words.
const HEADER_WORDS: usize = 2;
/// Room for [`wire::ORDER_FILES_MAX`] descriptors, in words.
const CONTROL_WORDS: usize = HEADER_WORDS + wire::ORDER_FILES_MAX.div_ceil(2);

/// The descriptors that came with the order.
pub(crate) struct Files {
    pub(crate) order: i32,
    /// The command's standard input, output and error.
    pub(crate) stdio: [i32; 3],
    received: [i32; wire::ORDER_FILES_MAX],
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

impl Files {
    /// Waits for the order; `None` when the host is gone.
    pub(crate) fn receive(socket: i32) -> Result<Option<Self>, Errno> {
        const MSG_CMSG_CLOEXEC: usize = 0x4000_0000;
        const TRUNCATED: i32 = 0x20 | 0x8;
        let mut bytes = [0u8; wire::ORDER_PACKET.len()];
        let mut control = [0u64; CONTROL_WORDS];
        let part = [bytes.as_mut_ptr() as usize, bytes.len()];
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
        if bytes != wire::ORDER_PACKET || message.flags & TRUNCATED != 0 {
            return Err(EPROTO);
        }
        Self::decode(&control).map(Some)
    }

    fn decode(control: &[u64; CONTROL_WORDS]) -> Result<Self, Errno> {
        // The level SOL_SOCKET and the type SCM_RIGHTS, in one word.
        const DESCRIPTORS: u64 = 1 << 32 | 1;
        let bytes = (control[0] as usize).checked_sub(HEADER_WORDS * size_of::<u64>());
        let count = bytes.ok_or(EPROTO)? / size_of::<i32>();
        let allowed = wire::ORDER_FILES..=wire::ORDER_FILES_MAX;
        if control[1] != DESCRIPTORS || !allowed.contains(&count) {
            return Err(EPROTO);
        }
        let mut received = [-1; wire::ORDER_FILES_MAX];
        for (index, file) in received.iter_mut().take(count).enumerate() {
            let word = control[HEADER_WORDS + index / 2];
            *file = (word >> (index % 2 * 32)) as i32;
        }
        let [order, stdin, stdout, stderr, ..] = received;
        Ok(Self {
            order,
            stdio: [stdin, stdout, stderr],
            received,
            count,
        })
    }

    /// The files by which the command joins its control groups.
    pub(crate) fn groups(&self) -> &[i32] {
        self.received
            .get(wire::ORDER_FILES..self.count)
            .unwrap_or_default()
    }

    /// Closes all of them.
    pub(crate) fn close(&self) {
        for file in self.received.iter().take(self.count) {
            sys::close(*file);
        }
    }
}
