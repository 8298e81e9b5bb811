//! How much each capsule may still log: a token bucket a capsule, and its share of the queue.

use std::collections::HashMap;
use std::mem::take;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::room::{Place, Rooms, Share, Words};
use super::{FieldValue, LineSource, LogLevel, LogLine, LogRate, Origin};
use crate::capsule::CapsuleId;
use crate::locked::lock;

/// The allowances of all capsules that were called. One stays when its capsule
/// is unloaded, so that loading it again fills no bucket.
pub(super) struct Allowances {
    rate: LogRate,
    rooms: Arc<Rooms>,
    by_capsule: Mutex<HashMap<CapsuleId, Arc<Allowance>>>,
}

/// What one capsule may still log.
pub(super) struct Allowance {
    rate: LogRate,
    bucket: Mutex<Bucket>,
    share: Arc<Share>,
}

struct Bucket {
    lines: f64,
    bytes: f64,
    filled: SystemTime,
    /// Lines over the rate that were dropped since the log last said so.
    dropped: u64,
    /// Those that had no room in the queue.
    without_room: u64,
}

/// A clock that is behind by more was set back.
const SET_BACK: Duration = Duration::from_secs(1);

impl Allowances {
    pub(super) fn new(rate: LogRate, rooms: Arc<Rooms>) -> Self {
        Self {
            rate,
            rooms,
            by_capsule: Mutex::default(),
        }
    }

    pub(super) fn of(&self, capsule: &CapsuleId) -> Arc<Allowance> {
        let mut all = lock(&self.by_capsule);
        if let Some(allowance) = all.get(capsule) {
            return Arc::clone(allowance);
        }
        let allowance = Arc::new(Allowance::new(self.rate, &self.rooms));
        all.insert(capsule.clone(), Arc::clone(&allowance));
        allowance
    }

    /// What there is to say of lines dropped since the last time.
    pub(super) fn notes(&self) -> Vec<LogLine> {
        let LogRate { lines, bytes, .. } = self.rate;
        let mut notes = Vec::new();
        for (capsule, allowance) in &*lock(&self.by_capsule) {
            let (over, without_room) = {
                let mut bucket = lock(&allowance.bucket);
                (take(&mut bucket.dropped), take(&mut bucket.without_room))
            };
            let why = format!("a capsule may log {lines} lines and {bytes} bytes a second");
            if over > 0 {
                notes.push(note(capsule, over, &why));
            }
            if without_room > 0 {
                notes.push(note(capsule, without_room, "the log's queue was full"));
            }
        }
        notes
    }
}

fn note(capsule: &CapsuleId, dropped: u64, why: &str) -> LogLine {
    LogLine {
        time: SystemTime::now(),
        level: LogLevel::Warn,
        origin: Some(Arc::new(Origin {
            capsule: capsule.clone(),
            principal: None,
            call_id: None,
        })),
        source: LineSource::Host,
        message: format!("{dropped} log lines dropped: {why}"),
        fields: vec![("dropped".to_owned(), FieldValue::count(dropped))],
    }
}

impl Allowance {
    fn new(rate: LogRate, rooms: &Arc<Rooms>) -> Self {
        Self {
            rate,
            share: Share::new(rooms),
            bucket: Mutex::new(Bucket {
                lines: rate.burst.into(),
                bytes: rate.burst_bytes as f64,
                filled: SystemTime::UNIX_EPOCH,
                dropped: 0,
                without_room: 0,
            }),
        }
    }

    /// Takes a place in the queue for a line of so many bytes; what has none is counted as
    /// dropped.
    pub(super) fn place(&self, words: Words, bytes: usize) -> Option<Place> {
        let place = self.share.take(words, bytes);
        if place.is_none() {
            lock(&self.bucket).without_room += 1;
        }
        place
    }

    /// Takes a line of so many bytes out of the bucket; what is not in it is
    /// counted as dropped. `now` is the line's own time, so that no second
    /// clock is read for each line.
    pub(super) fn take(&self, now: SystemTime, bytes: usize) -> bool {
        let LogRate {
            lines: a_second,
            burst,
            bytes: bytes_a_second,
            burst_bytes,
        } = self.rate;
        let mut bucket = lock(&self.bucket);
        match now.duration_since(bucket.filled) {
            Ok(passed) => {
                let passed = passed.as_secs_f64();
                let lines = bucket.lines + passed * f64::from(a_second);
                let bytes = bucket.bytes + passed * bytes_a_second as f64;
                bucket.lines = lines.min(burst.into());
                bucket.bytes = bytes.min(burst_bytes as f64);
                bucket.filled = now;
            }
            Err(behind) if behind.duration() > SET_BACK => bucket.filled = now,
            // Of two lines at once, the one that came first to its clock.
            Err(_) => {}
        }
        // A line larger than the bucket takes all that fits into it.
        let bytes = (bytes as u64).min(burst_bytes) as f64;
        let room = bucket.lines >= 1.0 && bucket.bytes >= bytes;
        if room {
            bucket.lines -= 1.0;
            bucket.bytes -= bytes;
        } else {
            bucket.dropped += 1;
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::super::LogSettings;
    use super::*;

    fn rooms() -> Arc<Rooms> {
        Rooms::new(&LogSettings::default())
    }

    const RATE: LogRate = LogRate {
        lines: 10,
        burst: 20,
        bytes: 1000,
        burst_bytes: 10_000,
    };

    fn at(ms: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_000 + ms)
    }

    fn taken(allowance: &Allowance, now: SystemTime, tries: u32, bytes: usize) -> u32 {
        (0..tries)
            .map(|_| u32::from(allowance.take(now, bytes)))
            .sum()
    }

    #[test]
    fn a_burst_and_then_the_rate() {
        let allowance = Allowance::new(RATE, &rooms());
        assert_eq!(taken(&allowance, at(0), 30, 1), 20);
        assert_eq!(taken(&allowance, at(500), 30, 1), 5);
        // However long it is silent, no more than a burst is saved up.
        assert_eq!(taken(&allowance, at(1_000_000), 30, 1), 20);
    }

    #[test]
    fn bytes_are_limited_as_well() {
        let allowance = Allowance::new(RATE, &rooms());
        assert_eq!(taken(&allowance, at(0), 5, 4000), 2);
        assert_eq!(taken(&allowance, at(2000), 5, 4000), 1);
        // One that is larger than any burst still goes through a full bucket.
        assert!(!allowance.take(at(2000), 50_000));
        assert!(allowance.take(at(60_000), 50_000));
    }

    #[test]
    fn a_clock_that_is_set_back_neither_fills_nor_stops_it() {
        let allowance = Allowance::new(RATE, &rooms());
        assert_eq!(taken(&allowance, at(100_000), 30, 1), 20);
        assert_eq!(taken(&allowance, at(99_900), 1, 1), 0);
        assert_eq!(taken(&allowance, at(0), 1, 1), 0);
        assert_eq!(taken(&allowance, at(1000), 30, 1), 10);
    }

    #[test]
    fn what_was_dropped_is_said_once_and_with_its_capsule() {
        let allowances = Allowances::new(RATE, rooms());
        let (flooding, honest) = ("flooding".parse(), "honest".parse());
        let (flooding, honest) = (flooding.expect("an id"), honest.expect("an id"));
        assert_eq!(taken(&allowances.of(&flooding), at(0), 50, 1), 20);
        assert_eq!(taken(&allowances.of(&honest), at(0), 20, 1), 20);
        // Found again it is the same one.
        assert!(!allowances.of(&flooding).take(at(0), 1));
        let notes = allowances.notes();
        assert_eq!(notes.len(), 1);
        let origin = notes[0].origin.as_ref().expect("an origin");
        assert_eq!(origin.capsule, flooding);
        assert_eq!(
            notes[0].fields,
            [("dropped".into(), FieldValue::Integer(31))]
        );
        assert!(notes[0].message.starts_with("31 log lines dropped: "));
        assert!(allowances.notes().is_empty());
    }
}
