//! Threads for work that may never end, for example on a file of a server that is gone.
//! They are not those of the embedder's tokio: neither the embedder's other work nor the
//! end of its runtime may wait for them.

use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// How long an idle thread stays.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Threads that start when there is work.
#[derive(Debug)]
pub(crate) struct BlockingThreads {
    handle: Handle,
    /// Only its threads for blocking work are used.
    runtime: Option<Runtime>,
}

impl BlockingThreads {
    /// Creates at most `most` threads, with the priority `nice`.
    pub(crate) fn new(name: &str, most: u32, nice: i32) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(most.max(1) as usize)
            .thread_keep_alive(KEEP_ALIVE)
            .thread_name(name)
            .on_thread_start(move || {
                if nice != 0 {
                    // For this thread only: on Linux each thread has its own priority. A
                    // thread that keeps its priority does no harm.
                    let _ = rustix::process::setpriority_process(None, nice);
                }
            })
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// Runs the work on one of them.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        self.handle.spawn_blocking(work)
    }
}

impl Drop for BlockingThreads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
