//! The descendants of this process, where no process namespace holds them.
//!
//! As a subreaper this process is the ancestor of all that the command starts,
//! however it detaches itself. They are found in the kernel's lists of children,
//! and signalled by descriptors, because an id whose process has ended may be a
//! stranger's: what is no longer who it was when it was found gets nothing.

use core::time::Duration;

use super::process::{self, Stat, Walk};
use super::sys::{self, Errno, SIGKILL, SIGSTOP, Usage};

/// How many are signalled at a time; further ones have their turn after these.
const MOST: usize = 1 << 16;
/// How often it is looked whether all have stopped before they are killed anyway.
const LOOKS: usize = 64;
/// How long to wait for a killed process to end before looking again.
const PAUSE: Duration = Duration::from_millis(10);

/// One of them.
#[derive(Clone, Copy)]
struct Member {
    id: u32,
    /// When it was started; 0 for a child of this process whose file cannot be
    /// read. A child's id stays its own until this process takes it.
    start: u64,
}

/// What was found at the last look.
pub(crate) struct Tree {
    /// Two words a process: its id, and when it was started.
    words: &'static mut [usize],
    count: usize,
}

impl Tree {
    /// Makes this process the one that orphans below it come to.
    pub(crate) fn new() -> Result<Self, Errno> {
        process::adopt_orphans()?;
        // The lists have to be there before anything is started.
        process::open_children(sys::process_id() as u32, sys::process_id() as u32)
            .map(sys::close)?;
        Ok(Self {
            words: sys::pointers(MOST * 2)?,
            count: 0,
        })
    }

    /// Signals all of them.
    pub(crate) fn signal_all(&mut self, signal: i32) {
        if signal == SIGKILL {
            self.stop();
        } else {
            self.look();
        }
        self.signal(signal);
    }

    /// Kills all of them, and returns when none is left. `take` is told what
    /// each one used that this process took.
    pub(crate) fn end(&mut self, mut take: impl FnMut(&Usage)) {
        loop {
            let mut stopped = 0;
            while stopped < process::LET_GO_AT_ONCE {
                match sys::take_ended(false) {
                    Ok((0, ..)) => break,
                    Ok((pid, status, _)) if process::is_stopped(status) => {
                        process::let_go(pid, status);
                        stopped += 1;
                    }
                    Ok((_, _, usage)) => take(&usage),
                    Err(_) => return,
                }
            }
            self.signal_all(SIGKILL);
            process::wait_for_child(PAUSE);
        }
    }

    /// Stops all of them, so that none starts another while they are killed.
    fn stop(&mut self) {
        for _ in 0..LOOKS {
            if self.look() {
                return;
            }
            self.signal(SIGSTOP);
            sys::give_way();
        }
    }

    /// Finds all of them, parents first; whether none of them can do anything now.
    fn look(&mut self) -> bool {
        self.count = 0;
        let own = sys::process_id() as u32;
        let mut quiet = true;
        Walk::of(own, |child| {
            let stat = process::stat(child).filter(|stat| stat.parent == own);
            quiet &= stat.as_ref().is_none_or(Stat::is_quiet);
            self.add(child, stat.map_or(0, |stat| stat.start));
        });
        let mut next = 0;
        while let Some(parent) = self.member(next) {
            next += 1;
            Walk::of(parent.id, |child| {
                let stat = process::stat(child).filter(|stat| stat.parent == parent.id);
                // Its parent is still who it was: then this is one of them.
                if let Some(stat) = stat.filter(|_| parent.is_itself()) {
                    quiet &= stat.is_quiet();
                    self.add(child, stat.start);
                }
            });
        }
        quiet
    }

    fn signal(&self, signal: i32) {
        for index in 0..self.count {
            let Some(member) = self.member(index) else {
                return;
            };
            let Ok(handle) = process::open(member.id) else {
                continue;
            };
            if member.is_itself() {
                process::signal(handle, signal);
            }
            sys::close(handle);
        }
    }

    fn add(&mut self, id: u32, start: u64) {
        if let Some([first, second]) = self.words.get_mut(self.count * 2..self.count * 2 + 2) {
            *first = id as usize;
            *second = start as usize;
            self.count += 1;
        }
    }

    fn member(&self, index: usize) -> Option<Member> {
        if index >= self.count {
            return None;
        }
        Some(Member {
            id: *self.words.get(index * 2)? as u32,
            start: *self.words.get(index * 2 + 1)? as u64,
        })
    }
}

impl Member {
    /// Whether the process with its id is the one that was found.
    fn is_itself(self) -> bool {
        self.start == 0 || process::stat(self.id).is_some_and(|stat| stat.start == self.start)
    }
}
