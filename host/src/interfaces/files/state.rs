//! The folders of one instance, and what it has open of them.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use wasmtime_wasi::filesystem::Dir;

use crate::capsule::OpenDescriptor;
use crate::services::file_threads::FileCalls;

/// The folders of one instance, and what it has open.
pub(crate) struct FileState {
    pub(super) calls: FileCalls,
    /// With their names in the guest.
    pub(super) folders: Vec<(Dir, String)>,
    /// By the number of the resource.
    pub(super) open: HashMap<u32, Arc<OpenFile>>,
    /// The bytes of each listing that is being read, likewise.
    listings: HashMap<u32, u64>,
}

impl FileState {
    pub(crate) fn new(calls: FileCalls, folders: Vec<(Dir, String)>) -> Self {
        Self {
            calls,
            folders,
            open: HashMap::new(),
            listings: HashMap::new(),
        }
    }

    /// What its listings hold, in bytes.
    pub(crate) fn held(&self) -> u64 {
        self.listings.values().sum()
    }

    pub(super) fn list(&mut self, stream: u32, bytes: u64) {
        self.listings.insert(stream, bytes);
    }

    pub(super) fn forget(&mut self, stream: u32) {
        self.listings.remove(&stream);
    }
}

/// Something that is open. Streams share it with the descriptor that they are of.
pub(super) struct OpenFile {
    /// The folder that the capsule was given, where it may write there.
    pub(super) root: Option<Arc<File>>,
    /// Counts; a folder that the capsule was given is the capsule's and counts not.
    counted: Option<OpenDescriptor>,
    /// What may take for ever to close, and so is closed by a thread that may wait.
    remote: Option<(Arc<File>, FileCalls)>,
}

impl OpenFile {
    pub(super) fn given(root: Option<Arc<File>>) -> Self {
        Self {
            root,
            counted: None,
            remote: None,
        }
    }

    pub(super) fn opened(
        root: Option<Arc<File>>,
        counted: OpenDescriptor,
        remote: Option<(Arc<File>, FileCalls)>,
    ) -> Self {
        Self {
            root,
            counted: Some(counted),
            remote,
        }
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        if let Some((file, calls)) = self.remote.take() {
            let counted = self.counted.take();
            calls.run_behind(move || {
                drop(file);
                drop(counted);
            });
        }
    }
}
