//! The room for lines that wait for the writer: each capsule has a share of it, and the
//! host's lines have room of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::LogSettings;

/// Whose words a line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Those of a capsule, or of a process that it started.
    Capsule,
    /// The host's own, about a capsule.
    Host,
}

/// What may wait for the writer, of all capsules together.
pub(super) struct Rooms {
    of_capsules: Room,
    of_host: Room,
}

struct Room {
    lines: usize,
    bytes: usize,
    held: Held,
}

/// What waits.
#[derive(Default)]
struct Held {
    lines: AtomicUsize,
    bytes: AtomicUsize,
}

/// What waits of one capsule's lines.
pub(super) struct Share {
    rooms: Arc<Rooms>,
    of_capsule: Held,
    of_host: Held,
}

/// The place of one line. Dropping it makes room for another.
pub(super) struct Place {
    share: Arc<Share>,
    words: Words,
    bytes: usize,
}

/// A capsule may hold this many times the room that is still free: alone two thirds, and of
/// any number of capsules that flood the log, all hold the same, and leave half as much for
/// another one.
const OF_FREE: usize = 2;

/// The host's lines are short: they have this part of the bytes.
const OF_BYTES: usize = 4;

impl Rooms {
    pub(super) fn new(settings: &LogSettings) -> Arc<Self> {
        let room = |bytes| Room {
            lines: settings.queue.max(1),
            bytes,
            held: Held::default(),
        };
        Arc::new(Self {
            of_capsules: room(settings.queue_bytes),
            of_host: room(settings.queue_bytes / OF_BYTES),
        })
    }
}

impl Share {
    pub(super) fn new(rooms: &Arc<Rooms>) -> Arc<Self> {
        Arc::new(Self {
            rooms: Arc::clone(rooms),
            of_capsule: Held::default(),
            of_host: Held::default(),
        })
    }

    fn of(&self, words: Words) -> (&Room, &Held) {
        match words {
            Words::Capsule => (&self.rooms.of_capsules, &self.of_capsule),
            Words::Host => (&self.rooms.of_host, &self.of_host),
        }
    }

    /// Takes a place for a line of so many bytes; `None` if the capsule's share is used up.
    pub(super) fn take(self: &Arc<Self>, words: Words, bytes: usize) -> Option<Place> {
        let (room, own) = self.of(words);
        let before = own.add(bytes);
        let all = room.held.add(bytes);
        // From here on, dropping it gives back what was added.
        let place = Place {
            share: Arc::clone(self),
            words,
            bytes,
        };
        let lines = room.lines.checked_sub(all.0 + 1)?;
        let free = room.bytes.checked_sub(all.1 + bytes)?;
        let fits = before.0 <= OF_FREE * lines && before.1 <= free.saturating_mul(OF_FREE);
        fits.then_some(place)
    }
}

impl Held {
    /// Adds a line, and returns the lines and bytes before it.
    fn add(&self, bytes: usize) -> (usize, usize) {
        let lines = self.lines.fetch_add(1, Ordering::Relaxed);
        (lines, self.bytes.fetch_add(bytes, Ordering::Relaxed))
    }

    fn remove(&self, bytes: usize) {
        self.lines.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let (room, own) = self.share.of(self.words);
        room.held.remove(self.bytes);
        own.remove(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms(queue: usize, queue_bytes: usize) -> Arc<Rooms> {
        Rooms::new(&LogSettings {
            queue,
            queue_bytes,
            ..LogSettings::default()
        })
    }

    fn flood(share: &Arc<Share>, words: Words, bytes: usize) -> Vec<Place> {
        (0..10_000)
            .map_while(|_| share.take(words, bytes))
            .collect()
    }

    #[test]
    fn however_many_flood_it_another_has_room() {
        let rooms = rooms(900, 90_000);
        let mut held = Vec::new();
        for flooding in 1..=20 {
            let places = flood(&Share::new(&rooms), Words::Capsule, 10);
            assert!(!places.is_empty(), "none for flood {flooding}");
            if flooding == 1 {
                assert!((590..=601).contains(&places.len()), "{}", places.len());
            }
            held.push(places);
            // A flood goes on for as long as it is written.
            if flooding > 4 {
                held.remove(0);
            }
        }
        let another = Share::new(&rooms);
        assert!(another.take(Words::Capsule, 10).is_some());
    }

    #[test]
    fn bytes_are_shared_as_lines_are() {
        let rooms = rooms(900, 90_000);
        let held = flood(&Share::new(&rooms), Words::Capsule, 10_000);
        assert!((5..=7).contains(&held.len()), "{}", held.len());
        assert!(Share::new(&rooms).take(Words::Capsule, 10_000).is_some());
        assert!(Share::new(&rooms).take(Words::Capsule, 90_000).is_none());
    }

    #[test]
    fn the_hosts_lines_have_room_that_no_capsule_takes() {
        let rooms = rooms(9, 90_000);
        let flooding = Share::new(&rooms);
        let _held = flood(&flooding, Words::Capsule, 10);
        assert!(flooding.take(Words::Capsule, 10).is_none());
        // Of the same capsule, too.
        let noted = flood(&flooding, Words::Host, 10);
        assert_eq!(noted.len(), 6);
        // A capsule that has the host say much leaves room for what it says of others.
        assert!(Share::new(&rooms).take(Words::Host, 10).is_some());
    }

    #[test]
    fn a_place_is_given_back() {
        let rooms = rooms(1, 100);
        let share = Share::new(&rooms);
        for _ in 0..10 {
            let place = share.take(Words::Capsule, 100);
            assert!(place.is_some());
            assert!(share.take(Words::Capsule, 1).is_none());
        }
        assert!(share.take(Words::Capsule, 101).is_none());
        assert!(share.take(Words::Capsule, 100).is_some());
    }
}
