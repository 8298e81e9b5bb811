//! A capsule on disk: its manifest and its component.

use std::path::{Path, PathBuf};

use boll_host::Digest;
use boll_host::capsule::Manifest;

use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::foreign;
use crate::report::reporter::Reporter;
use crate::toolchain::build::{BuildRequest, Built, build};
use crate::toolchain::there;
use crate::trust::{self, Consent, Purpose};

/// The name of a manifest in its folder.
pub(crate) const MANIFEST: &str = "Capsule.toml";

/// A capsule's folder, with its parsed manifest.
#[derive(Clone)]
pub(crate) struct Project {
    pub(crate) manifest: Manifest,
    /// The manifest's text.
    pub(crate) text: String,
    /// The manifest's own path, as named.
    pub(crate) path: PathBuf,
    folder: PathBuf,
    /// The folder without links. Everything is opened here: what consent was given to is what
    /// is used, also when a link on the way leads elsewhere meanwhile.
    real: PathBuf,
    /// The folder or the manifest, as given.
    named: PathBuf,
}

/// A component's bytes.
pub(crate) struct Component {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: Digest,
}

impl Project {
    /// Reads the manifest in a folder, or the manifest itself.
    pub(crate) fn open(named: &Path) -> Done<Self> {
        let (folder, manifest) = if named.is_dir() {
            (named.to_owned(), named.join(MANIFEST))
        } else {
            // `Capsule.toml` alone has a parent, but an empty one.
            let folder = named.parent().filter(|folder| *folder != "");
            (
                folder.unwrap_or(Path::new(".")).to_owned(),
                named.to_owned(),
            )
        };
        let shown = manifest.display().to_string();
        let real = folder.canonicalize();
        let text = real
            .and_then(|real| Ok((foreign::text(&in_folder(&real, &manifest))?, real)))
            .or_fail(Code::Input, || format!("cannot read {shown}"));
        let (text, real) = text
            .map_err(|failure| failure.hint(format!("a capsule is a folder with a {MANIFEST}")))?;
        Ok(Self {
            manifest: Manifest::parse(&shown, &text)?,
            text,
            path: manifest,
            folder,
            real,
            named: named.to_owned(),
        })
    }

    /// Reads the manifest at the same path again.
    pub(crate) fn read_again(&self) -> Done<Self> {
        Self::open(&self.named)
    }

    /// Returns the manifest's folder, as named.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the same without links.
    pub(crate) fn real_folder(&self) -> &Path {
        &self.real
    }

    /// Returns the component: the one that the manifest names, or the one that is built
    /// from the folder.
    pub(crate) fn component(&self, consent: Consent, reporter: &Reporter) -> Done<Component> {
        match &self.manifest.component {
            Some(component) => self.named_component(component),
            None => Component::read(&self.build(consent, reporter)?.component),
        }
    }

    /// Reads the component that the manifest names, which is shown as the folder was named.
    fn named_component(&self, component: &Path) -> Done<Component> {
        let shown = self.folder.join(component);
        Component::read_as(&self.real.join(component), shown)
    }

    /// Asks before the cases of a capsule run whose component is there already: they let it
    /// do everything that its manifest asks for. Building asks by itself.
    pub(crate) fn require_for_cases(&self, consent: Consent) -> Done {
        let Some(component) = &self.manifest.component else {
            return Ok(());
        };
        let folder = self.real_folder();
        let component = folder.join(component);
        let agreed = trust::require(
            folder,
            &self.text,
            Some(&component),
            Purpose::Cases,
            consent,
        )?;
        if agreed {
            trust::remember(folder, &self.text, trust::component(folder).as_deref());
        }
        Ok(())
    }

    /// Returns the existing component, up to date or not: nothing is built, and nothing
    /// in the folder is executed.
    pub(crate) fn present(&self) -> Done<Option<Present>> {
        if let Some(component) = &self.manifest.component {
            return Ok(Some(Present {
                component: self.named_component(component)?,
                stale: false,
            }));
        }
        let folder = self.real_folder();
        let Some(path) = there::component(folder, trust::component(folder)) else {
            return Ok(None);
        };
        Ok(Some(Present {
            component: Component::read(&path)?,
            stale: !there::is_fresh(folder, &path),
        }))
    }

    /// Builds the component if it is stale. It always builds the folder of this manifest,
    /// even if the path changes.
    pub(crate) fn build(&self, consent: Consent, reporter: &Reporter) -> Done<Built> {
        if self.manifest.component.is_some() {
            return Err(Failure::new(
                Code::Input,
                format!(
                    "{} names its component: there is nothing to build",
                    self.manifest.id
                ),
            ));
        }
        let folder = self.real_folder();
        if trust::require(folder, &self.text, None, Purpose::Build, consent)? {
            // Also remembered if the build fails.
            trust::remember(folder, &self.text, trust::component(folder).as_deref());
        }
        let last = trust::component(folder);
        let request = BuildRequest {
            directory: folder,
            tool: self.manifest.build,
            last: last.as_deref(),
        };
        let built = build(&request, reporter)?;
        self.refuse_change()?;
        trust::remember(folder, &self.text, Some(&built.component));
        Ok(built)
    }

    /// Rejects a manifest that has changed during the build: consent was given to the one
    /// before.
    fn refuse_change(&self) -> Done {
        if foreign::text(&in_folder(&self.real, &self.path)).is_ok_and(|text| text == self.text) {
            return Ok(());
        }
        let text = format!(
            "{} was changed while its capsule was built: nothing was loaded",
            self.path.display()
        );
        Err(Failure::new(Code::Input, text).hint("review it, and start again"))
    }
}

/// Returns the path of a manifest in its folder.
fn in_folder(folder: &Path, manifest: &Path) -> PathBuf {
    folder.join(manifest.file_name().unwrap_or_default())
}

/// An existing component.
pub(crate) struct Present {
    pub(crate) component: Component,
    /// Whether a source is newer.
    pub(crate) stale: bool,
}

impl Present {
    /// Returns the existing component of a capsule, and reports if it is stale; builds it
    /// first if `build` is set.
    pub(crate) fn of(project: &Project, build: bool, reporter: &Reporter) -> Done<Option<Self>> {
        if build {
            return Ok(Some(Self {
                component: project.component(Consent::Given, reporter)?,
                stale: false,
            }));
        }
        let present = project.present()?;
        let id = &project.manifest.id;
        match &present {
            None => reporter.note(&format!("{id} is not built: --build builds it")),
            Some(present) if present.stale => reporter.note(&format!(
                "{} is older than its sources: --build builds it again",
                present.component.path.display()
            )),
            Some(_) => {}
        }
        Ok(present)
    }

    /// Returns the same, or an error if there is none.
    pub(crate) fn required(project: &Project, build: bool, reporter: &Reporter) -> Done<Self> {
        Self::of(project, build, reporter)?.ok_or_else(|| {
            let text = format!("{} is not built", project.manifest.id);
            let folder = project.folder().display();
            Failure::new(Code::Input, text).hint(format!(
                "building it runs its build scripts as you; use --build, or:\nboll build {folder}"
            ))
        })
    }
}

impl Component {
    /// Reads a component from its file.
    pub(crate) fn read(path: &Path) -> Done<Self> {
        Self::read_as(path, path.to_owned())
    }

    /// Reads one that is shown by another path.
    fn read_as(path: &Path, shown: PathBuf) -> Done<Self> {
        let bytes = foreign::component(path).or_fail(Code::Input, || {
            format!("cannot read the component {}", shown.display())
        })?;
        Ok(Self {
            digest: Digest::of(&bytes),
            path: shown,
            bytes,
        })
    }
}

/// Returns whether a path names a component's file, rather than a capsule's folder or
/// manifest.
pub(crate) fn is_component(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "wasm")
}
