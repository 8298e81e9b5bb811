//! An action that uses the network as any program does.

use std::io::{self, Read as _};
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};

use serde::Deserialize;
use serde_json::{Value, json};

/// What is done, and with whom.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Connects to an address, or to a name and port, and reads to the end.
    Connect(String),
    /// Looks up a name and gives its addresses.
    LookUp(String),
    /// Sends a datagram and waits for the answer.
    Datagram(String),
    /// Sends a datagram and waits for nothing.
    Send(String),
    /// Listens at an address.
    Listen(String),
    /// Makes so many sockets, keeps them, and gives how many there are.
    Sockets(u32),
}

/// Does the steps; each results in `ok`, or the kind of its error.
pub(crate) fn take(steps: Vec<Step>) -> Value {
    steps
        .into_iter()
        .map(|step| match one(step) {
            Ok(value) => json!({ "ok": value }),
            Err(error) => json!({ "err": format!("{:?}", error.kind()) }),
        })
        .collect()
}

fn one(step: Step) -> io::Result<Value> {
    match step {
        Step::Connect(to) => {
            let mut text = String::new();
            TcpStream::connect(to)?.read_to_string(&mut text)?;
            Ok(text.into())
        }
        Step::LookUp(name) => {
            let found = (name.as_str(), 0).to_socket_addrs()?;
            Ok(found.map(|address| address.ip().to_string()).collect())
        }
        Step::Datagram(to) => {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            socket.send_to(b"ping", to)?;
            let mut buffer = [0; 64];
            let (length, _) = socket.recv_from(&mut buffer)?;
            Ok(String::from_utf8_lossy(&buffer[..length]).into())
        }
        Step::Send(to) => {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            Ok(socket.send_to(b"ping", to)?.into())
        }
        Step::Sockets(number) => {
            let mut kept = Vec::new();
            for _ in 0..number {
                match UdpSocket::bind("0.0.0.0:0") {
                    Ok(socket) => kept.push(socket),
                    Err(_) => break,
                }
            }
            Ok(kept.len().into())
        }
        Step::Listen(at) => {
            TcpListener::bind(at)?;
            Ok(Value::Null)
        }
    }
}
