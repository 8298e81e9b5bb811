//! A capsule that reads what a child writes, and answers with the time it took.
//!
//! Apart from the guest of the other benchmarks, which plain wasmtime runs too:
//! its imports have no streams.

use std::io::Read as _;
use std::time::Instant;

use boll_sdk::process::{Command, Stdio};
use boll_sdk::{Event, Failure, Reply};

/// The capsule.
pub struct BenchStream;

#[boll_sdk::capsule]
impl BenchStream {
    /// Reads a child's standard output, as many MiB as the payload says (eight
    /// bytes, little-endian), in portions of 64 KiB; from the first byte on, which
    /// is not counted. The reply is nanoseconds, in the same form.
    pub fn stream(event: Event) -> Result<Reply, Failure> {
        let bytes = mebibytes(&event)? << 20;
        let mut child = Command::new("head")
            .args(["-c", &bytes.to_string(), "/dev/zero"])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdout = child.stdout.take().ok_or(Failure::new("no stdout"))?;
        let mut buffer = vec![0; 64 << 10];
        let mut read = stdout.read(&mut buffer[..1])? as u64;
        let start = Instant::now();
        loop {
            match stdout.read(&mut buffer)? {
                0 => break,
                more => read += more as u64,
            }
        }
        let time = start.elapsed();
        let status = child.wait()?;
        if read != bytes || !status.success() {
            return Err(Failure::new(format!("{read} bytes, {status}")));
        }
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Ok(Reply::bytes(time.to_le_bytes()))
    }
}

fn mebibytes(event: &Event) -> Result<u64, Failure> {
    <[u8; 8]>::try_from(event.payload.as_slice())
        .map(u64::from_le_bytes)
        .map_err(|_| Failure::InvalidPayload("eight bytes, a number".to_owned()))
}
