//! The WASI of a capsule: clocks and random numbers, its output as log lines,
//! and the folders and hosts that it is granted. There are no arguments and there is no
//! environment.

use std::future::ready;
use std::sync::Arc;

use wasmtime_wasi::filesystem::Dir;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

use super::error::InvokeError;
use super::stdio::Stdio;
use crate::interfaces::{CallContext, NetworkGate, given_folder};
use crate::policy::FileAccess;
use crate::services::audit::{Judgement, Requested, place};

/// The most random bytes in one call. wasmtime gives as many as the guest asks for,
/// which the host holds meanwhile.
const MAX_RANDOM: u64 = 1 << 20;

/// The context of one instance, with what is granted now.
pub(super) fn wasi(call: &CallContext, stdio: &Stdio, network: &Arc<NetworkGate>) -> WasiCtx {
    let mut builder = WasiCtxBuilder::new();
    builder
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .max_random_size(MAX_RANDOM)
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
    builder.build()
}

/// The folders of one instance, with what is granted now, by their names in it.
pub(super) fn folders(call: &CallContext) -> Result<Vec<(Dir, String)>, InvokeError> {
    // One that was unloaded meanwhile has nothing.
    if call.capsule.manifest.requests.files.is_empty() {
        return Ok(Vec::new());
    }
    let Some(capsule) = call.current() else {
        return Ok(Vec::new());
    };
    let mut folders = Vec::new();
    for folder in capsule.permissions().folders() {
        // The folder that is open, wherever its path leads by now.
        let open = capsule.folders.get(&folder)?;
        let perms = match folder.access {
            FileAccess::Read => FsPerms::ReadOnly,
            FileAccess::ReadWrite => FsPerms::ReadWrite,
        };
        let given = given_folder(open, perms)
            .map_err(|error| InvokeError::Instantiate(wasmtime::Error::from(error)))?;
        folders.push((given, folder.request.path.as_str().to_owned()));
        call.host.audit.tell(call.log.origin(), || {
            let request = place(&capsule.manifest.requests.files, folder.request);
            let capability = folder.request.as_grant().capability();
            Judgement::allowed(capability, request.map(Requested::Files))
        });
    }
    Ok(folders)
}
