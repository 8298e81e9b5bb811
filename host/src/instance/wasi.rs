//! The WASI of a capsule: clocks and random numbers, its output as log lines,
//! and the folders that it is granted. There are no arguments and there is no
//! environment.

use std::os::fd::AsRawFd as _;

use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

use super::error::InvokeError;
use super::stdio::Stdio;
use crate::capsule::Capsule;
use crate::interfaces::CallContext;
use crate::policy::FileAccess;

/// The context of one instance, with what is granted now.
pub(super) fn wasi(call: &CallContext, stdio: &Stdio) -> Result<WasiCtx, InvokeError> {
    let mut builder = WasiCtxBuilder::new();
    builder
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .stdout(stdio.stdout.clone())
        .stderr(stdio.stderr.clone());
    // One that was unloaded meanwhile has nothing.
    if !call.capsule.manifest.requests.files.is_empty()
        && let Some(capsule) = call.current()
    {
        add_folders(&mut builder, &capsule)?;
    }
    Ok(builder.build())
}

fn add_folders(builder: &mut WasiCtxBuilder, capsule: &Capsule) -> Result<(), InvokeError> {
    for folder in capsule.permissions().folders() {
        let open = capsule.folders.get(&folder)?;
        let perms = match folder.access {
            FileAccess::Read => FsPerms::ReadOnly,
            FileAccess::ReadWrite => FsPerms::ReadWrite,
        };
        // The folder that is open, wherever its path leads by now.
        let path = format!("/proc/self/fd/{}", open.as_raw_fd());
        builder
            .preopened_dir(path, folder.request.path.as_str(), perms)
            .map_err(InvokeError::Instantiate)?;
    }
    Ok(())
}
