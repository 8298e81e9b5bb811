//! The one thread that starts sandboxes, and that takes those nobody waits for.
//!
//! It starts them because the kernel kills a sandbox with the *thread* that
//! started it, and this one lives as long as any of them. It takes the dropped
//! ones because whoever drops one may have no runtime to wait in.

use std::any::Any;
use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec};
use tokio::sync::oneshot;

use super::cgroup::Groups;
use super::control::Ends;
use super::error::LaunchError;
use super::held::Held;
use super::own::Own;
use super::process::Process;
use super::standby::{Ahead, Waiting};
use super::status::Usage;

/// How long a sandbox may take to notice that the host has let it go.
const PATIENCE: Duration = Duration::from_secs(1);

/// A handle to the thread.
#[derive(Debug)]
pub(super) struct Launcher {
    /// `None` only while this is dropped.
    requests: Option<mpsc::Sender<Request>>,
    wake: Arc<OwnedFd>,
}

/// Something to do on the launcher's thread.
type Job = Box<dyn FnOnce() + Send>;

enum Request {
    Now(Job),
    /// When no other request waits.
    Ahead(Job),
    Take {
        process: Arc<Process>,
        held: Held,
    },
    EndStandbys(Arc<dyn Any + Send + Sync>),
}

/// The program that built a sandbox, which becomes a zombie unless it is
/// reaped. Dropping it hands it to the launcher's thread.
#[derive(Debug)]
pub(crate) struct Child {
    /// `None` once it was reaped or handed over.
    running: Option<Running>,
    groups: Option<Arc<Groups>>,
}

#[derive(Debug)]
struct Running {
    process: Arc<Process>,
    held: Held,
    launcher: Arc<Launcher>,
}

impl Launcher {
    /// Starts the thread, which also sees to the end of these.
    pub(super) fn start(standbys: Arc<dyn Ahead>) -> io::Result<Self> {
        let wake = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let wake = Arc::new(wake);
        let (requests, inbox) = mpsc::channel();
        let mut worker = LauncherThread {
            inbox,
            wake: Arc::clone(&wake),
            standbys,
            jobs: VecDeque::new(),
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

    /// Does something on the launcher's thread. Where nobody waits for what comes of it,
    /// that is dropped.
    pub(super) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Now(Box::new(move || drop(reply.send(job())))));
        answer
    }

    /// Has the launcher's thread build a sandbox ahead, when no launch waits.
    pub(super) fn ahead(&self, job: impl FnOnce() -> Result<(), LaunchError> + Send + 'static) {
        self.send(Request::Ahead(Box::new(move || {
            if let Err(error) = job() {
                // The next launch meets the same error, and reports it.
                tracing::debug!(%error, "cannot build a sandbox ahead");
            }
        })));
    }

    /// A process as a child that somebody follows.
    pub(super) fn adopt(
        self: &Arc<Self>,
        process: Arc<Process>,
        held: Held,
        groups: Option<Arc<Groups>>,
    ) -> Child {
        Child {
            running: Some(Running {
                process,
                held,
                launcher: Arc::clone(self),
            }),
            groups,
        }
    }

    /// What was built as a child that somebody follows. Its groups, what else it has of
    /// its own, and then `held` are given back when nothing of it is left.
    pub(super) fn follow<O: Own>(self: &Arc<Self>, built: Waiting<O>, held: Held) -> (Child, Ends) {
        let Waiting { process, ends, own } = built;
        let groups = ends.control.groups();
        let held = own.into_held(groups.clone(), held);
        (self.adopt(process, held, groups), ends)
    }

    /// Sees to the end of standbys that nobody uses any more.
    pub(super) fn discard<O: Own>(&self, waiting: impl IntoIterator<Item = Waiting<O>>) {
        for waiting in waiting {
            let (process, held) = waiting.dismiss(Box::new(()));
            self.send(Request::Take { process, held });
        }
    }

    /// Ends every standby that was asked for so far. `held` is dropped when
    /// none is left.
    pub(super) fn end_standbys(&self, held: Arc<dyn Any + Send + Sync>) {
        self.send(Request::EndStandbys(held));
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
    /// One that stands for a script, which sees to its own end.
    pub(super) fn without_process() -> Self {
        Self {
            running: None,
            groups: None,
        }
    }

    /// What the processes of the sandbox have used so far. Of those that have
    /// ended the peak of memory is not known. Reads some small files of the
    /// kernel's for each process.
    pub(crate) fn usage(&self) -> Usage {
        // Not reaped as long as it is here, so that the id is its own.
        let used = |running: &Running| running.process.usage();
        let mut usage = self.running.as_ref().map(used).unwrap_or_default();
        if let Some(groups) = &self.groups {
            groups.refine(&mut usage);
        }
        usage
    }

    #[cfg(test)]
    pub(crate) fn group_paths(&self) -> Vec<std::path::PathBuf> {
        let groups = self.groups.as_ref();
        groups.map_or_else(Vec::new, |groups| groups.paths())
    }

    /// Holds something until nothing of the sandbox is left.
    pub(super) fn hold(&mut self, held: Held) {
        if let Some(running) = &mut self.running {
            running.held = held;
        }
    }

    /// Waits until it has ended, and reaps it. Dropped earlier, it is handed to
    /// the launcher's thread as always.
    pub(crate) async fn gone(mut self) -> io::Result<()> {
        if let Some(running) = &self.running {
            running.process.gone().await?;
        }
        self.running = None;
        Ok(())
    }

    /// Lets go of a sandbox that never ran anything, and gives back what was
    /// held for it.
    pub(super) fn reclaim(mut self) -> Held {
        match &mut self.running {
            Some(running) => std::mem::replace(&mut running.held, Box::new(())),
            None => Box::new(()),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let Running {
                process,
                held,
                launcher,
            } = running;
            launcher.send(Request::Take { process, held });
        }
    }
}

struct LauncherThread {
    inbox: mpsc::Receiver<Request>,
    wake: Arc<OwnedFd>,
    standbys: Arc<dyn Ahead>,
    jobs: VecDeque<Job>,
    ending: Vec<Departing>,
}

struct Departing {
    process: Arc<Process>,
    hurry_at: Instant,
    held: Held,
}

impl Departing {
    fn new(process: Arc<Process>, held: Held) -> Self {
        Self {
            process,
            hurry_at: Instant::now() + PATIENCE,
            held,
        }
    }
}

impl LauncherThread {
    fn run(&mut self) {
        loop {
            let open = self.serve();
            if !open {
                self.end_standbys(&(Arc::new(()) as _));
            }
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
                Ok(Request::Now(job)) => job(),
                Ok(Request::Take { process, held }) => {
                    self.ending.push(Departing::new(process, held));
                }
                Ok(Request::Ahead(job)) => self.jobs.push_back(job),
                Ok(Request::EndStandbys(held)) => {
                    self.jobs.clear();
                    self.end_standbys(&held);
                }
                Err(mpsc::TryRecvError::Empty) => match self.jobs.pop_front() {
                    Some(job) => job(),
                    None => return true,
                },
                Err(mpsc::TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn end_standbys(&mut self, held: &Arc<dyn Any + Send + Sync>) {
        // Those that are ending already are waited for, too.
        for ending in &mut self.ending {
            let before = std::mem::replace(&mut ending.held, Box::new(()));
            ending.held = Box::new((before, Arc::clone(held)));
        }
        for (process, held) in self.standbys.dismiss_all(held) {
            self.ending.push(Departing::new(process, held));
        }
    }

    fn take_ended(&mut self) {
        let now = Instant::now();
        for (process, held) in self.standbys.dismiss_old(now) {
            self.ending.push(Departing::new(process, held));
        }
        self.ending.retain_mut(|ending| {
            if ending.process.has_ended() {
                return false;
            }
            if now >= ending.hurry_at {
                ending.process.hurry();
                ending.hurry_at = now + PATIENCE;
            }
            true
        });
    }

    /// Sleeps until there is a request, an ended process, or one to end.
    fn wait(&self) {
        let (standbys, next_old) = self.standbys.watched();
        let next_hurry = self.ending.iter().map(|ending| ending.hurry_at).min();
        let next = next_hurry.into_iter().chain(next_old).min();
        let timeout = next.and_then(|at| {
            let left = at.saturating_duration_since(Instant::now());
            Timespec::try_from(left).ok()
        });
        let ending = self.ending.iter().map(|ending| &ending.process);
        let mut watched = vec![PollFd::new(&*self.wake, PollFlags::IN)];
        for process in ending.chain(&standbys) {
            watched.push(PollFd::new(process.descriptor(), PollFlags::IN));
        }
        // An interrupted or failed poll only makes the loop look again.
        let _ = rustix::event::poll(&mut watched, timeout.as_ref());
        let _ = rustix::io::read(&*self.wake, &mut [0; 8]);
    }
}
