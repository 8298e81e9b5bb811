//! The host's sockets: what listens there hears nothing of processes.

use std::net::{Ipv4Addr, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::Path;

use uuid::Uuid;

use super::attack::Attack;
use super::code::Code;
use super::support::{Bench, end};
use crate::policy::{Access, NetworkAccess};
use crate::sandbox::{End, SandboxBackend};

/// Whether somebody has connected since it was last asked.
fn heard(listener: &UnixListener) -> bool {
    listener.set_nonblocking(true).unwrap();
    listener.accept().is_ok()
}

#[tokio::test]
async fn a_unix_socket_without_a_file_is_not_reached() {
    let name = format!("boll-test-{}", Uuid::new_v4());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    let attack = Attack::ConnectAbstract(name);
    assert_eq!(attack.make(), Ok(()));
    assert!(heard(&listener));
    // The sandbox has names of its own.
    let refused = attack.make_inside(&Bench::new()).await;
    assert_eq!(refused, Err(libc::ECONNREFUSED));
    assert!(!heard(&listener));
}

#[tokio::test]
async fn a_unix_socket_outside_of_the_workspace_is_not_reached() {
    // Sandboxes have a /tmp and a /dev/shm too.
    for place in ["/tmp", "/dev/shm"] {
        let folder = tempfile::tempdir_in(place).unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let attack = Attack::Connect(path);
        assert_eq!(attack.make(), Ok(()));
        assert!(heard(&listener));
        let refused = attack.make_inside(&Bench::new()).await;
        assert_eq!(refused, Err(libc::ENOENT));
        assert!(!heard(&listener));
    }
}

#[tokio::test]
async fn a_unix_socket_that_is_shown_is_not_reached() {
    let shown = tempfile::tempdir().unwrap();
    let bench = Bench::with_settings(|settings| settings.read_only.push(shown.path().into()));
    for (outside, inside) in [
        (bench.path(), Path::new("/workspace")),
        (shown.path(), shown.path()),
    ] {
        let listener = UnixListener::bind(outside.join("stream")).unwrap();
        assert_eq!(Attack::Connect(outside.join("stream")).make(), Ok(()));
        assert!(heard(&listener));
        let attack = Attack::Connect(inside.join("stream"));
        assert_eq!(attack.make_inside(&bench).await, Err(libc::EACCES));
        assert!(!heard(&listener));

        let socket = UnixDatagram::bind(outside.join("datagram")).unwrap();
        socket.set_nonblocking(true).unwrap();
        let attack = Attack::SendFromPair(outside.join("datagram"));
        assert_eq!(attack.make(), Ok(()));
        assert_eq!(socket.recv(&mut [0; 8]).unwrap(), 3);
        let attack = Attack::SendFromPair(inside.join("datagram"));
        assert_eq!(attack.make_inside(&bench).await, Err(libc::EPERM));
        assert!(socket.recv(&mut [0; 8]).is_err());
    }
}

/// The addresses of this machine that a datagram could be sent to.
fn own_addresses() -> Vec<Ipv4Addr> {
    // Connecting a datagram socket only asks for the route.
    let routed = UdpSocket::bind("0.0.0.0:0").unwrap();
    let outer = routed
        .connect("192.0.2.1:9")
        .and_then(|()| routed.local_addr());
    let outer = outer.ok().and_then(|address| match address.ip() {
        std::net::IpAddr::V4(address) => Some(address),
        std::net::IpAddr::V6(_) => None,
    });
    [Some(Ipv4Addr::LOCALHOST), outer]
        .into_iter()
        .flatten()
        .collect()
}

#[tokio::test]
async fn a_datagram_does_not_arrive() {
    for address in own_addresses() {
        let socket = UdpSocket::bind((address, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let attack = Attack::Send(socket.local_addr().unwrap());
        assert_eq!(attack.make(), Ok(()));
        assert_eq!(socket.recv(&mut [0; 8]).unwrap(), 3);
        // Where it may be sent at all, it is sent to the sandbox's own loopback.
        let _ = attack.make_inside(&Bench::new()).await;
        assert!(socket.recv(&mut [0; 8]).is_err());
    }
}

#[tokio::test]
async fn netlink_tells_of_routes_and_of_nothing_else() {
    const SOCK_RAW: u64 = libc::SOCK_RAW as u64;
    // The sockets of the host, its audit, its processes, its firewall, its devices.
    let further = [4, 9, 11, 12, 15, 16].map(|protocol| (protocol, false));
    for backend in [SandboxBackend::Bubblewrap, SandboxBackend::Landlock] {
        let bench = Bench::with_settings(|settings| settings.backend = backend);
        for (protocol, is_of_routes) in [(0, true)].into_iter().chain(further) {
            let args = [libc::AF_NETLINK as u64, SOCK_RAW, protocol];
            let code = Code::default().call(libc::SYS_socket, &args);
            let program = bench.executable(&format!("call-{protocol}"), &code.exit_with_error());
            for network in [NetworkAccess::None, NetworkAccess::Host] {
                let access = Access {
                    network,
                    ..Access::default()
                };
                let (_child, ends) = bench.launch(access, &[&program]).await;
                // Under Landlock there is no other network to have routes.
                let has_network =
                    backend == SandboxBackend::Bubblewrap || network == NetworkAccess::Host;
                let expected = if is_of_routes && has_network {
                    0
                } else {
                    libc::EPERM
                };
                let told = format!("{backend} {network:?} {protocol}");
                assert_eq!(end(ends), End::Code(expected as u8), "{told}");
            }
        }
    }
}
