//! What the files of one instance work on, and the steps that its calls share.

use std::fs::File;
use std::sync::Arc;

use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::filesystem::{Descriptor, Dir, File as WasiFile, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::types;
use wasmtime_wasi::p2::{DynOutputStream, FsError, FsResult};
use wasmtime_wasi::{FsPerms, OpenMode};

use super::on_thread;
use super::state::{FileState, OpenFile};
use super::streams::{CHUNK, FileOutput, Position};
use crate::capsule::{Exhausted, MemoryBudget};
use crate::interfaces::held::measure;
use crate::services::log::{CallLog, FieldValue, LogLevel};

/// What the files of one instance work on.
pub(crate) struct FilesView<'a> {
    pub(crate) table: &'a mut ResourceTable,
    pub(crate) files: &'a mut FileState,
    pub(crate) memory: &'a mut MemoryBudget,
    pub(crate) log: &'a CallLog,
}

/// A folder that the capsule is given, for the table.
pub(crate) fn folder(file: Arc<File>, perms: FsPerms) -> std::io::Result<Dir> {
    let mode = match perms {
        FsPerms::ReadOnly => OpenMode::READ,
        FsPerms::ReadWrite => OpenMode::READ | OpenMode::WRITE,
    };
    // Only with a file of its own can one be made; all instances share the first.
    let mut dir = Dir::new(file.try_clone()?, perms, mode, true);
    dir.dir = file;
    Ok(dir)
}

impl FilesView<'_> {
    pub(super) fn get(&self, fd: &Resource<Descriptor>) -> FsResult<Descriptor> {
        Ok(self.table.get(fd)?.clone())
    }

    pub(super) fn dir(&self, fd: &Resource<Descriptor>) -> FsResult<Dir> {
        match self.table.get(fd)? {
            Descriptor::Dir(dir) => Ok(dir.clone()),
            Descriptor::File(_) => Err(types::ErrorCode::NotDirectory.into()),
        }
    }

    pub(super) fn file(&self, fd: &Resource<Descriptor>) -> FsResult<WasiFile> {
        match self.table.get(fd)? {
            Descriptor::File(file) => Ok(file.clone()),
            Descriptor::Dir(_) => Err(types::ErrorCode::BadDescriptor.into()),
        }
    }

    pub(super) fn opened(&self, fd: &Resource<Descriptor>) -> FsResult<Arc<OpenFile>> {
        let opened = self.files.open.get(&fd.rep()).cloned();
        opened.ok_or_else(|| FsError::trap(wasmtime::Error::msg("a descriptor of nobody's")))
    }

    /// A folder that may be written, with the one that the capsule was given.
    pub(super) fn writable(&self, fd: &Resource<Descriptor>) -> FsResult<(Arc<File>, Arc<File>)> {
        let dir = self.dir(fd)?;
        let refused = types::ErrorCode::NotPermitted;
        if dir.perms.write_not_permitted() {
            return Err(refused.into());
        }
        let root = self.opened(fd)?.root.clone().ok_or(refused)?;
        Ok((dir.dir, root))
    }

    /// Does work in a thread that may wait.
    pub(super) async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> FsResult<T> + Send + 'static,
    ) -> FsResult<T> {
        self.files.calls.run(work).await?
    }

    /// Does with a descriptor what wasmtime does, in a thread that may wait.
    pub(super) async fn with<T: Send + 'static>(
        &mut self,
        fd: &Resource<Descriptor>,
        work: impl FnOnce(&mut WasiFilesystemCtxView<'_>, Resource<Descriptor>) -> FsResult<T>
        + Send
        + 'static,
    ) -> FsResult<T> {
        let descriptor = self.get(fd)?;
        self.run(move || on_thread::one(descriptor, work)).await
    }

    /// Makes room for what the host is about to hold.
    pub(super) fn reserve(&mut self, bytes: u64) -> FsResult<()> {
        let Self {
            table,
            files,
            memory,
            ..
        } = self;
        let reserved = memory.reserve(bytes, || measure(table) + files.held());
        reserved.map_err(|exhausted| self.exhausted(exhausted))
    }

    /// A limit that was reached, as the guest sees it. There is no error for it that
    /// fits better, so that the log says which.
    pub(super) fn exhausted(&self, exhausted: Exhausted) -> FsError {
        if self.memory.account().is_news() {
            let fields = vec![("reason".to_owned(), FieldValue::Text(exhausted.to_string()))];
            let message = "refused to open more; told once".to_owned();
            self.log.note(LogLevel::Warn, message, fields);
        }
        types::ErrorCode::InsufficientMemory.into()
    }

    pub(super) fn output(
        &mut self,
        fd: &Resource<Descriptor>,
        position: Position,
    ) -> FsResult<Resource<DynOutputStream>> {
        let file = self.file(fd)?;
        if file.perms.write_not_permitted() {
            return Err(types::ErrorCode::NotPermitted.into());
        }
        self.reserve(CHUNK as u64)?;
        let (open, calls) = (self.opened(fd)?, self.files.calls.clone());
        let stream: DynOutputStream = Box::new(FileOutput::new(file.file, calls, open, position));
        Ok(self.table.push(stream)?)
    }
}
