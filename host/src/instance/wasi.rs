//! The WASI of a capsule: clocks and random numbers, its output as log lines,
//! and the folders and hosts that it is granted. There are no arguments and there is no
//! environment.

use std::future::ready;
use std::os::fd::AsRawFd as _;
use std::sync::Arc;

use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

use super::error::InvokeError;
use super::stdio::Stdio;
use crate::capsule::Capsule;
use crate::interfaces::{CallContext, NetworkGate};
use crate::policy::FileAccess;
use crate::services::audit::{Judgement, Requested, place};

/// The context of one instance, with what is granted now.
pub(super) fn wasi(
    call: &CallContext,
    stdio: &Stdio,
    network: &Arc<NetworkGate>,
) -> Result<WasiCtx, InvokeError> {
    let mut builder = WasiCtxBuilder::new();
    builder
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .stdout(stdio.stdout.clone())
        .stderr(stdio.stderr.clone());
    // Else there is not even a socket.
    if !call.capsule.manifest.requests.network.is_empty() {
        let network = Arc::clone(network);
        builder
            .allow_tcp(true)
            .allow_udp(true)
            .allow_ip_name_lookup(true)
            .socket_addr_check(move |address, use_| {
                Box::pin(ready(network.allows_socket(address, use_)))
            });
    }
    // One that was unloaded meanwhile has nothing.
    if !call.capsule.manifest.requests.files.is_empty()
        && let Some(capsule) = call.current()
    {
        add_folders(&mut builder, call, &capsule)?;
    }
    Ok(builder.build())
}

fn add_folders(
    builder: &mut WasiCtxBuilder,
    call: &CallContext,
    capsule: &Capsule,
) -> Result<(), InvokeError> {
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
        call.host.audit.tell(call.log.origin(), || {
            let request = place(&capsule.manifest.requests.files, folder.request);
            let capability = folder.request.as_grant().capability();
            Judgement::allowed(capability, request.map(Requested::Files))
        });
    }
    Ok(())
}
