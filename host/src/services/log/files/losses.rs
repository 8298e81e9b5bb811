//! Lines that could not be written: counted for each place, told there as soon as
//! that works again, and meanwhile said on the host's own `tracing`.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::super::{FieldValue, LineSource, LogLevel, LogLine, Origin};
use super::log_folder::LogFolder;

/// How often trouble is said while it lasts.
pub(super) const SAY_EVERY: Duration = Duration::from_secs(30);

/// Folders whose losses are counted apart; those of further ones are reported in the
/// host's own file.
const PLACES: usize = 1024;

/// What was lost and not told yet.
#[derive(Default)]
pub(super) struct Losses {
    places: HashMap<LogFolder, Loss>,
    /// Since everything was told the last time.
    lines: u64,
    said: Option<Instant>,
    /// Whether the present trouble was said.
    is_said: bool,
    cause: String,
}

struct Loss {
    lines: u64,
    origin: Option<Arc<Origin>>,
}

impl Losses {
    /// Takes notice of why lines are about to be lost.
    pub(super) fn explain(&mut self, error: &dyn Error) {
        self.cause = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            self.cause.push_str(": ");
            self.cause.push_str(&inner.to_string());
            source = inner.source();
        }
    }

    /// Counts lines of a place as lost.
    pub(super) fn add(&mut self, place: &LogFolder, origin: Option<&Origin>, lines: u64) {
        self.lines = self.lines.saturating_add(lines);
        let known = self.places.contains_key(place) || self.places.len() < PLACES;
        let place = if known { place } else { &LogFolder::Host };
        let loss = self.places.entry(place.clone()).or_insert_with(|| Loss {
            lines: 0,
            origin: match place {
                // Shared by many, and so nobody's.
                LogFolder::Host | LogFolder::Unadmitted => None,
                LogFolder::NoPrincipal(_) | LogFolder::Principal(..) => origin.map(|origin| {
                    Arc::new(Origin {
                        call_id: None,
                        ..origin.clone()
                    })
                }),
            },
        });
        loss.lines = loss.lines.saturating_add(lines);
        if self.said.is_none_or(|said| said.elapsed() >= SAY_EVERY) {
            self.said = Some(Instant::now());
            self.is_said = true;
            let Self { lines, cause, .. } = self;
            tracing::warn!(lost = *lines, "log lines cannot be written: {cause}");
        }
    }

    /// A place that something is to be told of.
    pub(super) fn first(&self) -> Option<LogFolder> {
        self.places.keys().next().cloned()
    }

    /// What is to be told in a place.
    pub(super) fn note(&self, place: &LogFolder) -> Option<LogLine> {
        let Loss { lines, origin } = self.places.get(place)?;
        Some(LogLine {
            time: SystemTime::now(),
            level: LogLevel::Warn,
            origin: origin.clone(),
            source: LineSource::Host,
            message: format!("{lines} log lines lost: {}", self.cause),
            fields: vec![("lost".to_owned(), FieldValue::count(*lines))],
        })
    }

    /// It was told there.
    pub(super) fn told(&mut self, place: &LogFolder) {
        self.places.remove(place);
        if self.places.is_empty() {
            let lines = std::mem::take(&mut self.lines);
            if std::mem::take(&mut self.is_said) {
                tracing::warn!(lost = lines, "log lines are written again");
            }
        }
    }
}
