//! The threads that wait for files of capsules. They are not those of the
//! embedder's tokio: a file that never answers, for example of a server that is
//! gone, keeps its thread for ever, and neither the embedder's other work nor the
//! end of its runtime may wait for that.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::capsule::Account;

/// How long a thread without work stays.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// They give way to what else the host does: many calls that do nothing but open
/// files would keep the start of a process waiting.
const NICE: i32 = 10;

/// The threads of a host. They start when there is work.
pub(crate) struct FileThreads {
    handle: Handle,
    /// Nothing but its threads for blocking work is used of it.
    runtime: Option<Runtime>,
}

impl FileThreads {
    /// At most so many threads.
    pub(crate) fn new(most: u32) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(most.max(1) as usize)
            .thread_keep_alive(KEEP_ALIVE)
            .thread_name("boll-file")
            .on_thread_start(|| {
                // Of this thread alone: Linux has priorities of threads. One that stays
                // as it was is no worse than before.
                let _ = rustix::process::setpriority_process(None, NICE);
            })
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }
}

impl Drop for FileThreads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// How the files of one capsule are waited for: with so many threads at a time as
/// its account has.
#[derive(Clone)]
pub(crate) struct FileCalls {
    threads: Arc<FileThreads>,
    account: Arc<Account>,
}

impl FileCalls {
    pub(crate) fn new(threads: Arc<FileThreads>, account: Arc<Account>) -> Self {
        Self { threads, account }
    }

    pub(crate) fn account(&self) -> &Arc<Account> {
        &self.account
    }

    /// Does work that may wait for a file. Whoever stops waiting for it gives
    /// nothing back: the thread counts until the work is done.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let permits = Arc::clone(&self.account.file_calls);
        let permit = permits.acquire_owned().await.map_err(io::Error::other)?;
        // A capsule that is loaded again meanwhile has the same account.
        let account = Arc::clone(&self.account);
        let working = self.threads.handle.spawn_blocking(move || {
            let done = work();
            drop((permit, account));
            done
        });
        working.await.map_err(io::Error::other)
    }

    /// Does such work without anybody who waits for it.
    pub(crate) fn run_behind(&self, work: impl FnOnce() + Send + 'static) {
        let calls = self.clone();
        match Handle::try_current() {
            Ok(here) => drop(here.spawn(async move {
                // Fails only when the host is going, and then nothing is lost.
                let _ = calls.run(work).await;
            })),
            Err(_) => drop(self.threads.handle.spawn_blocking(work)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::capsule::{Accounts, CapsuleId, GuestLimits};

    fn calls(threads: &Arc<FileThreads>, accounts: &Accounts, id: &str) -> FileCalls {
        let id: CapsuleId = id.parse().expect("an id");
        FileCalls::new(Arc::clone(threads), accounts.of(&id))
    }

    #[tokio::test]
    async fn a_capsule_whose_files_never_answer_takes_no_thread_from_another() {
        let limits = GuestLimits {
            file_calls: 2,
            ..GuestLimits::default()
        };
        let accounts = Accounts::new(limits, 1024);
        let threads = Arc::new(FileThreads::new(3).expect("threads"));
        let (stuck, other) = (
            calls(&threads, &accounts, "stuck"),
            calls(&threads, &accounts, "other"),
        );
        let (release, never) = mpsc::channel::<()>();
        let never = Arc::new(std::sync::Mutex::new(never));
        for _ in 0..5 {
            let (calls, never) = (stuck.clone(), Arc::clone(&never));
            let work = move || drop(never.lock().map(|never| never.recv()));
            // Nobody waits for it any longer; its thread is taken all the same.
            let waiting = tokio::spawn(async move { calls.run(work).await });
            tokio::time::sleep(Duration::from_millis(20)).await;
            waiting.abort();
        }
        let answered = tokio::time::timeout(Duration::from_secs(5), other.run(|| 7)).await;
        assert_eq!(answered.expect("in time").expect("done"), 7);
        drop(stuck);
        let stuck = calls(&threads, &accounts, "stuck");
        let more = tokio::time::timeout(Duration::from_millis(50), stuck.run(|| 7)).await;
        assert!(more.is_err(), "it has two threads, and both are taken");
        drop(release);
        stuck.run(|| ()).await.expect("its threads are back");
    }
}
