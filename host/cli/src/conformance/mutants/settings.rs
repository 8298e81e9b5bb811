//! Faults of a host that passes over a setting.

use super::Fault;
use super::change::Change;

/// A setting that is dropped, by the name of the fault, and the case that notices it.
macro_rules! dropped {
    ($($fault:literal $setting:literal $case:literal)*) => {
        [$(Fault {
            name: $fault,
            wrong: concat!("the host's setting `", $setting, "` is dropped"),
            case: $case,
            change: Change::Settings(|settings| drop(settings.remove($setting))),
        }),*]
    };
}

pub(super) static FAULTS: &[Fault] = &dropped! {
    "setting-children" "children" "process-too-many"
    "setting-hook-payload" "hook-payload" "hook-publish"
    "setting-log-level" "log-level" "log-enabled"
    "setting-log-line" "log-line" "log-limit"
    "setting-open-files" "open-files" "process-host-fails"
    "setting-read-only" "read-only" "process-sandbox-gone"
    "setting-restarts" "restarts" "lifecycle-run"
    "setting-ring" "ring" "process-sizes"
    "setting-runs" "runs" "process-too-many"
    "setting-sandbox" "sandbox" "process-no-sandbox"
    "setting-stdin" "stdin" "process-sizes"
    "setting-stdin-of-child" "stdin" "child-refused"
    "setting-time" "time-ms" "call-time"
};
