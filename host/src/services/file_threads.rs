//! The threads that wait for files of capsules, and how many of them each has.

use std::io;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::blocking::BlockingThreads;
use crate::capsule::Account;

/// They give way to what else the host does: many calls that do nothing but open
/// files would keep the start of a process waiting.
const NICE: i32 = 10;

/// The threads of a host, at most so many.
pub(crate) fn file_threads(most: u32) -> io::Result<BlockingThreads> {
    BlockingThreads::new("boll-file", most, NICE)
}

/// How the files of one capsule are waited for: with so many threads at a time as
/// its account has.
#[derive(Clone)]
pub(crate) struct FileCalls {
    threads: Arc<BlockingThreads>,
    account: Arc<Account>,
}

impl FileCalls {
    pub(crate) fn new(threads: Arc<BlockingThreads>, account: Arc<Account>) -> Self {
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
        let working = self.threads.spawn(move || {
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
            Err(_) => drop(self.threads.spawn(work)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::capsule::{Accounts, CapsuleId, GuestLimits};

    fn calls(threads: &Arc<BlockingThreads>, accounts: &Accounts, id: &str) -> FileCalls {
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
        let threads = Arc::new(file_threads(3).expect("threads"));
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
