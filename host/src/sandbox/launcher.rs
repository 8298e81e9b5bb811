//! The one thread that starts sandboxes, and that takes those nobody waits for.
//!
//! It starts them because the kernel kills a sandbox with the *thread* that
//! started it, and this one lives as long as any of them. It takes the dropped
//! ones because whoever drops one may have no runtime to wait in.

use std::any::Any;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec};
use rustix::process::{PidfdFlags, Signal, WaitId, WaitIdOptions};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::launch::Program;
use super::plan::END_FD;

/// How long a sandbox may take to notice that the host has let it go.
const PATIENCE: Duration = Duration::from_secs(1);

/// A handle to the thread.
#[derive(Debug)]
pub(super) struct Launcher {
    /// `None` only while this is dropped.
    requests: Option<mpsc::Sender<Request>>,
    wake: Arc<OwnedFd>,
}

/// Something that is given back when a sandbox has gone, however it goes.
pub(crate) type Held = Box<dyn Any + Send + Sync>;

enum Request {
    Launch {
        program: Program,
        held: Held,
        launcher: Arc<Launcher>,
        reply: Box<dyn FnOnce(io::Result<Child>) + Send>,
    },
    Take {
        process: OwnedFd,
        held: Held,
    },
}

/// The program that built a sandbox, which becomes a zombie unless it is
/// reaped. Dropping it hands it to the launcher's thread.
#[derive(Debug)]
pub(crate) struct Child {
    /// `None` once it was reaped or handed over.
    running: Option<(OwnedFd, Held)>,
    launcher: Arc<Launcher>,
}

impl Launcher {
    pub(super) fn start() -> io::Result<Self> {
        let wake = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let wake = Arc::new(wake);
        let (requests, inbox) = mpsc::channel();
        let mut worker = Worker {
            inbox,
            wake: Arc::clone(&wake),
            ending: Vec::new(),
        };
        thread::Builder::new()
            .name("boll-launcher".into())
            .spawn(move || worker.run())?;
        Ok(Self {
            requests: Some(requests),
            wake,
        })
    }

    /// Starts a program; `reply` is called on the launcher's thread.
    pub(super) fn launch(
        self: &Arc<Self>,
        program: Program,
        held: Held,
        reply: impl FnOnce(io::Result<Child>) + Send + 'static,
    ) {
        self.send(Request::Launch {
            program,
            held,
            launcher: Arc::clone(self),
            reply: Box::new(reply),
        });
    }

    fn send(&self, request: Request) {
        if let Some(requests) = &self.requests {
            // The thread only ends after this handle is dropped.
            let _ = requests.send(request);
        }
        self.wake();
    }

    fn wake(&self) {
        // Full means that the thread has yet to look, which is as good.
        let _ = rustix::io::write(&*self.wake, &1u64.to_ne_bytes());
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        self.requests = None;
        self.wake();
    }
}

impl Child {
    /// What the tree has used so far.
    pub(crate) fn usage(&self) -> super::Usage {
        super::Usage::default()
    }

    /// Waits until it has ended, and reaps it. Dropped earlier, it is handed to
    /// the launcher's thread as always.
    #[allow(unsafe_code)]
    pub(crate) async fn gone(mut self) -> io::Result<()> {
        let Some((process, _)) = &self.running else {
            return Ok(());
        };
        let own = process.try_clone()?;
        // SAFETY: the descriptor is owned by what it is given to, and by nothing else.
        let watched = unsafe { AsyncFd::register_with_interest(own, Interest::READABLE) }?;
        loop {
            let mut ready = watched.readable().await?;
            if has_ended(process) {
                self.running = None;
                return Ok(());
            }
            ready.clear_ready();
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some((process, held)) = self.running.take() {
            self.launcher.send(Request::Take { process, held });
        }
    }
}

struct Worker {
    inbox: mpsc::Receiver<Request>,
    wake: Arc<OwnedFd>,
    ending: Vec<Ending>,
}

struct Ending {
    process: OwnedFd,
    kill_at: Instant,
    _held: Held,
}

impl Worker {
    fn run(&mut self) {
        loop {
            let open = self.serve();
            self.take_ended();
            if !open && self.ending.is_empty() {
                return;
            }
            self.wait();
        }
    }

    /// Does what was asked for; false when nobody can ask any more.
    fn serve(&mut self) -> bool {
        loop {
            match self.inbox.try_recv() {
                Ok(Request::Launch {
                    program,
                    held,
                    launcher,
                    reply,
                }) => reply(start(program, held, launcher)),
                Ok(Request::Take { process, held }) => self.ending.push(Ending {
                    process,
                    kill_at: Instant::now() + PATIENCE,
                    _held: held,
                }),
                Err(mpsc::TryRecvError::Empty) => return true,
                Err(mpsc::TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn take_ended(&mut self) {
        let now = Instant::now();
        self.ending.retain_mut(|ending| {
            if has_ended(&ending.process) {
                return false;
            }
            if now >= ending.kill_at {
                // It may be stuck before the init runs. Its end ends the init too.
                let _ = rustix::process::pidfd_send_signal(&ending.process, Signal::KILL);
                ending.kill_at = now + PATIENCE;
            }
            true
        });
    }

    /// Sleeps until there is a request, an ended process, or one to kill.
    fn wait(&self) {
        let next_kill = self.ending.iter().map(|ending| ending.kill_at).min();
        let timeout = next_kill.map(|at| {
            let left = at.saturating_duration_since(Instant::now());
            Timespec {
                tv_sec: left.as_secs() as i64,
                tv_nsec: i64::from(left.subsec_nanos()),
            }
        });
        let mut watched = vec![PollFd::new(&*self.wake, PollFlags::IN)];
        for ending in &self.ending {
            watched.push(PollFd::new(&ending.process, PollFlags::IN));
        }
        // An interrupted or failed poll only makes the loop look again.
        let _ = rustix::event::poll(&mut watched, timeout.as_ref());
        let _ = rustix::io::read(&*self.wake, &mut [0; 8]);
    }
}

fn start(program: Program, held: Held, launcher: Arc<Launcher>) -> io::Result<Child> {
    let pid = program.spawn(END_FD)?;
    // Until it is reaped, which only this code does, the id is nobody else's.
    let process = rustix::process::pidfd_open(pid, PidfdFlags::empty()).inspect_err(|_| {
        // Without a pidfd it cannot be supervised.
        let _ = rustix::process::kill_process(pid, Signal::KILL);
        let _ = rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED);
    })?;
    Ok(Child {
        running: Some((process, held)),
        launcher,
    })
}

/// Whether a process has ended, also when somebody else has reaped it.
fn has_ended(process: &OwnedFd) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    match rustix::process::waitid(WaitId::PidFd(process.as_fd()), options) {
        Ok(status) => status.is_some(),
        Err(rustix::io::Errno::INTR) => false,
        Err(_) => true,
    }
}
