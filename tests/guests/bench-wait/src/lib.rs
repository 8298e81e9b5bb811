//! A capsule that works or waits as long as it is told. Payloads are numbers of
//! eight bytes, little-endian.

use std::hint::black_box;
use std::time::Duration;

use boll_sdk::{Event, Failure, Reply};

/// The capsule.
pub struct Wait;

#[boll_sdk::capsule]
impl Wait {
    /// Answers with the payload.
    pub fn echo(event: Event) -> Result<Reply, Failure> {
        Ok(Reply::bytes(event.payload))
    }

    /// Computes as many steps as the payload says.
    pub fn work(event: Event) -> Result<(), Failure> {
        let mut state = black_box(1_u64);
        for _ in 0..number(&event)? {
            state = black_box(state.rotate_left(7).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
        Ok(())
    }

    /// Waits as many microseconds as the payload says.
    pub fn wait(event: Event) -> Result<(), Failure> {
        std::thread::sleep(Duration::from_micros(number(&event)?));
        Ok(())
    }
}

fn number(event: &Event) -> Result<u64, Failure> {
    <[u8; 8]>::try_from(event.payload.as_slice())
        .map(u64::from_le_bytes)
        .map_err(|_| Failure::InvalidPayload("eight bytes, a number".to_owned()))
}
