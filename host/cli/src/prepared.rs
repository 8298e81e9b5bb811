//! A capsule on its way into a runtime: wanted, prepared, ready, loaded. Each of these
//! owns all that is known of the capsule by then.

use std::path::{Path, PathBuf};

use boll_host::capsule::CapsuleId;
use boll_host::policy::{FileAccess, GrantSet, Permissions, Requests};
use boll_host::{Digest, Load};

use crate::configuration;
use crate::failure::Done;
use crate::operator::{Given, Operator};
use crate::project::{Component, Project};
use crate::report::reporter::Reporter;
use crate::trust::Consent;
use crate::way;

/// A capsule that is to be loaded.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) project: Project,
    /// Whether it is the one that is meant where none is named.
    pub(crate) main: bool,
}

/// A component, and what the operator gives to that very one.
pub(crate) struct GivenComponent {
    pub(crate) component: Component,
    pub(crate) given: Given,
}

/// A capsule that is built and granted.
pub(crate) struct Prepared {
    pub(crate) wanted: Wanted,
    pub(crate) component: GivenComponent,
    pub(crate) grants: GrantSet,
}

/// A capsule with all that loading it takes.
pub(crate) struct Ready {
    pub(crate) load: Load,
    /// What helps when it cannot be loaded.
    pub(crate) hints: Vec<String>,
    pub(crate) loaded: Loaded,
}

/// A capsule as it was loaded last.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) wanted: Wanted,
    pub(crate) grants: GrantSet,
    pub(crate) version: Version,
}

/// The same component under the same manifest.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Version {
    component: Digest,
    manifest: String,
}

impl Wanted {
    /// The capsule that is meant where none is named.
    pub(crate) fn main(project: Project) -> Self {
        Self {
            project,
            main: true,
        }
    }

    /// One that is loaded beside others.
    pub(crate) fn beside(project: Project) -> Self {
        Self {
            project,
            main: false,
        }
    }

    pub(crate) fn id(&self) -> &CapsuleId {
        &self.project.manifest.id
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.project.manifest.requests
    }

    /// The same capsule as it is in its folder now.
    pub(crate) fn read_again(&self) -> Done<Self> {
        Ok(Self {
            project: self.project.read_again()?,
            main: self.main,
        })
    }

    /// Builds it, and takes what the operator gives to that very component.
    pub(crate) fn build(
        &self,
        operator: &Operator,
        consent: Consent,
        reporter: &Reporter,
    ) -> Done<GivenComponent> {
        let component = self.project.component(consent, reporter)?;
        let given = operator.given(&self.project.manifest, Some(component.digest))?;
        Ok(GivenComponent { component, given })
    }

    /// The digest of the component that would be loaded, where that is known
    /// without building.
    pub(crate) fn digest(&self) -> Done<Option<Digest>> {
        let present = self.project.present()?;
        let fresh = present.filter(|present| !present.stale);
        Ok(fresh.map(|present| present.component.digest))
    }
}

impl Prepared {
    pub(crate) fn version(&self) -> Version {
        Version {
            component: self.component.component.digest,
            manifest: self.wanted.project.text.clone(),
        }
    }

    /// The folders that it may write.
    pub(crate) fn written(&self, workspace: &Path) -> Vec<PathBuf> {
        let permissions = Permissions::new(self.wanted.requests(), &self.grants);
        let folders = permissions.folders();
        let written = folders
            .iter()
            .filter(|folder| folder.access == FileAccess::ReadWrite);
        written
            .map(|folder| way::place(&folder.place, workspace))
            .collect()
    }

    /// All that loading it takes: its folders are judged, and its configuration is
    /// gathered, with `config` from the command line.
    pub(crate) fn ready(
        self,
        operator: &Operator,
        workspace: &Path,
        protected: &[PathBuf],
        config: &[(String, String)],
    ) -> Done<Ready> {
        let version = self.version();
        let Self {
            wanted,
            component: GivenComponent { component, given },
            grants,
        } = self;
        let manifest = &wanted.project.manifest;
        let permissions = Permissions::new(&manifest.requests, &grants);
        operator.check_folders(&permissions.folders(), workspace, protected)?;
        let flags = if wanted.main { config } else { &[] };
        let config = configuration::gather(manifest, &given, std::env::vars_os(), flags)?;
        let path = format!("the component is {}", component.path.display());
        let load = Load::new(manifest.clone(), component.bytes);
        Ok(Ready {
            load: load.grants(grants.clone()).config(config),
            hints: given.stale.into_iter().chain([path]).collect(),
            loaded: Loaded {
                wanted,
                grants,
                version,
            },
        })
    }
}
