//! Messages of the language server protocol, each with its length before it.

use serde_json::{Value, json};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read, Write};

/// A connection to a server.
pub(crate) struct Messages<W, R> {
    out: W,
    into: BufReader<R>,
    sent: u64,
}

impl<W: Write, R: Read> Messages<W, R> {
    pub(crate) fn new(out: W, into: R) -> Self {
        Self {
            out,
            into: BufReader::new(into),
            sent: 0,
        }
    }

    /// Sends a request and gives its response; whatever else the server says
    /// before is left unanswered.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> io::Result<Value> {
        self.sent += 1;
        let id = self.sent;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let message = self.receive()?;
            if message["id"] == id && message.get("method").is_none() {
                return Ok(message);
            }
        }
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) -> io::Result<()> {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    fn send(&mut self, message: Value) -> io::Result<()> {
        let body = message.to_string();
        write!(self.out, "Content-Length: {}\r\n\r\n{body}", body.len())
    }

    fn receive(&mut self) -> io::Result<Value> {
        let mut length = None;
        loop {
            let mut line = String::new();
            if self.into.read_line(&mut line)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().ok(),
                Some(_) => {}
                None => break,
            }
        }
        let length: usize = length.ok_or(ErrorKind::InvalidData)?;
        let mut body = vec![0; length];
        self.into.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }
}
