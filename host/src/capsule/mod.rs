//! Capsules: their ids, their manifests, and loaded capsules.

mod account;
mod config_key;
mod config_value;
mod engine_limits;
mod folders;
pub(crate) mod git;
mod id;
mod loaded;
mod manifest;
mod memory;
mod remote;
mod state;

pub use account::GuestLimits;
pub(crate) use account::{Account, Accounts, Exhausted, LookupPermit, OpenDescriptor, Taken};
pub use config_key::{ConfigKey, ConfigType, MAX_KEY_LEN, UnfitValue};
pub use config_value::{ConfigSource, ConfigValue};
pub use engine_limits::EngineLimits;
pub use folders::{FolderCause, FolderError};
pub(crate) use folders::{Folders, Obeyed};
pub use id::{CapsuleId, CapsuleUuid, InvalidCapsuleId};
pub(crate) use loaded::Capsule;
pub use manifest::{Action, BuildTool, InstanceMode, InstanceRequest, Manifest, ServiceRequest};
pub(crate) use memory::MemoryBudget;
pub(crate) use remote::is_remote;
pub use state::{CapsuleState, StateWatch};
