//! What wasmtime does with descriptors, done by a thread that may wait.
//!
//! wasmtime would hand it to tokio's threads, where nothing counts it. Descriptors
//! are therefore made so that it does it at once, wherever it is asked.

use std::future::Future;
use std::pin::pin;

use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtx, WasiFilesystemCtxView};
use wasmtime_wasi::p2::{FsError, FsResult};
use wasmtime_wasi::runtime::poll_noop;

/// Does something with one descriptor.
pub(super) fn one<T>(
    descriptor: Descriptor,
    work: impl FnOnce(&mut WasiFilesystemCtxView<'_>, Resource<Descriptor>) -> FsResult<T>,
) -> FsResult<T> {
    let mut table = ResourceTable::new();
    let descriptor = table.push(descriptor)?;
    let mut ctx = WasiFilesystemCtx::default();
    let mut view = WasiFilesystemCtxView {
        ctx: &mut ctx,
        table: &mut table,
    };
    work(&mut view, descriptor)
}

/// The result of what is done at once.
pub(super) fn now<T, E: Into<FsError>>(done: impl Future<Output = Result<T, E>>) -> FsResult<T> {
    match poll_noop(pin!(done)) {
        Some(done) => done.map_err(Into::into),
        None => Err(FsError::trap(wasmtime::Error::msg(
            "a file was not waited for where it could be",
        ))),
    }
}
