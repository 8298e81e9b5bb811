//! Listing a folder. wasmtime takes all its names into memory at once, so that
//! they are counted first.

use std::ffi::CStr;
use std::fs::File;
use std::io;

use rustix::fs::{CWD, Mode, OFlags};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{DirectoryEntryStream, HostDescriptor};

use super::on_thread;
use super::path_target::held;

/// What the host holds for an entry besides its name, in bytes.
const ENTRY: u64 = 96;

/// A listing, or how many bytes it would need.
pub(super) enum Listing {
    Done(DirectoryEntryStream, u64),
    TooLarge(u64),
}

/// Lists a folder, if that needs no more than so many bytes.
pub(super) fn list(folder: Descriptor, most: u64) -> FsResult<Listing> {
    let bytes = match &folder {
        Descriptor::Dir(dir) => size(&dir.dir)?,
        // Fails below.
        Descriptor::File(_) => 0,
    };
    if bytes > most {
        return Ok(Listing::TooLarge(bytes));
    }
    let listed = on_thread::one(folder, |view, folder| {
        let stream = on_thread::now(view.read_directory(folder))?;
        Ok(view.table.delete(stream)?)
    })?;
    Ok(Listing::Done(listed, bytes))
}

fn size(folder: &File) -> io::Result<u64> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let again = rustix::fs::openat(CWD, held(folder), flags, Mode::empty())?;
    let mut bytes = 0;
    for entry in rustix::fs::Dir::read_from(again)? {
        bytes += ENTRY + length(entry?.file_name());
    }
    Ok(bytes)
}

fn length(name: &CStr) -> u64 {
    name.count_bytes() as u64
}
