//! How run loops are started.

use std::time::Duration;

/// How run loops are started and started again.
#[derive(Debug, Clone, Copy)]
pub struct ServiceSettings {
    /// The time until one says that it is ready, where its manifest names none.
    pub ready: Duration,
    /// How long after its first failure one is started again; twice as long
    /// after each further one.
    pub backoff: Duration,
    /// The longest wait before one is started again. One that ran for as long
    /// counts its failures from the beginning.
    pub max_backoff: Duration,
    /// How often one is started again.
    pub restarts: u32,
}

impl Default for ServiceSettings {
    fn default() -> Self {
        Self {
            ready: Duration::from_secs(30),
            backoff: Duration::from_secs(2),
            max_backoff: Duration::from_secs(120),
            restarts: 5,
        }
    }
}

impl ServiceSettings {
    /// The wait after so many failures; `None` when it is not started again.
    pub(super) fn wait(&self, failures: u32) -> Option<Duration> {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        (failures <= self.restarts)
            .then(|| self.backoff.saturating_mul(doubled).min(self.max_backoff))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_limit_and_ends() {
        let settings = ServiceSettings {
            restarts: 8,
            ..ServiceSettings::default()
        };
        let waits: Vec<_> = (1..=9)
            .map(|failures| settings.wait(failures).map(|wait| wait.as_secs()))
            .collect();
        let expected = [2, 4, 8, 16, 32, 64, 120, 120].map(Some);
        assert_eq!(waits[..8], expected);
        assert_eq!(waits[8], None);
    }
}
