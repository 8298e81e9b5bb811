//! Whatever a repository says, planning what is pinned of it ends, and nothing
//! that is planned lies in or beside something that moves.
#![no_main]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/arrange.rs"]
mod arrange;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/command.rs"]
mod command;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/config.rs"]
mod config;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/decisive.rs"]
mod decisive;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/index.rs"]
mod index;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/judge.rs"]
mod judge;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/named.rs"]
mod named;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/names.rs"]
mod names;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/options.rs"]
mod options;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/pieces.rs"]
mod pieces;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/programs.rs"]
mod programs;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/remotes.rs"]
mod remotes;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/shapes.rs"]
mod shapes;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/shell.rs"]
mod shell;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/substitution.rs"]
mod substitution;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/text_tools.rs"]
mod text_tools;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/variables.rs"]
mod variables;
#[allow(dead_code)]
#[path = "../../../host/src/sandbox/git/words.rs"]
mod words;

use arrange::{Kind, MOUNTS_MAX, arrange};
use names::{Homes, Named};

#[derive(Arbitrary, Debug)]
struct Said {
    config: Vec<u8>,
    index: Vec<u8>,
    gitfile: Vec<u8>,
    sha256: bool,
}

const HOMES: Homes<'_> = Homes {
    own: None,
    of: |name| (name == "ann").then(|| "/home/ann".into()),
};

fuzz_target!(|said: Said| {
    let mut paths = Vec::new();
    let homes = Homes {
        own: Some(Path::new("/home/me")),
        ..HOMES
    };
    remotes::derived(&config::entries(&said.config));
    for entry in config::entries(&said.config)
        .into_iter()
        .chain(remotes::old("origin", &said.gitfile))
    {
        for named in names::named(&entry, homes) {
            match named {
                Named::Command(command) => paths.extend(command.paths.into_keys()),
                Named::Unknown(_) | Named::TooMuch => {}
                Named::Include(path)
                | Named::WorkTree(path)
                | Named::Programs(path)
                | Named::Repository(path) => paths.push(path),
            }
        }
    }
    let hash = if said.sha256 { 32 } else { 20 };
    if let Ok(links) = index::links(&said.index, hash) {
        assert!(links.folders.len() <= index::FOLDERS_MAX);
        let folders = links.folders.iter();
        paths.extend(
            folders.map(|folder| PathBuf::from(String::from_utf8_lossy(folder).into_owned())),
        );
    }
    paths.extend(names::gitfile(&said.gitfile));
    paths.extend(names::line(&said.gitfile));
    names::is_head(&said.gitfile);

    let mut marks = BTreeMap::new();
    for (place, path) in paths.iter().enumerate() {
        let path = names::plain(&Path::new("/w").join(path));
        if let Ok(inside) = path.strip_prefix("/w") {
            let kinds = [
                Kind::ReadOnly,
                Kind::Held,
                Kind::EmptyDirectory,
                Kind::EmptyFile,
            ];
            if !inside.as_os_str().is_empty() {
                marks.insert(inside.to_path_buf(), kinds[place % kinds.len()]);
            }
        }
    }
    let Ok(mounts) = arrange(&marks) else { return };
    assert!(mounts.len() <= MOUNTS_MAX);
    for (place, (path, _)) in mounts.iter().enumerate() {
        for above in path
            .ancestors()
            .skip(1)
            .filter(|above| !above.as_os_str().is_empty())
        {
            // Held by a mount of its own, which was made before.
            let anchor = mounts[..place].iter().find(|(mount, _)| mount == above);
            assert!(
                matches!(anchor, Some((_, Kind::Anchor))),
                "{path:?} below {above:?}"
            );
        }
    }
    for path in marks.keys() {
        let covered =
            |(mount, kind): &(PathBuf, Kind)| *kind != Kind::Anchor && path.starts_with(mount);
        assert!(mounts.iter().any(covered), "{path:?} is not held");
    }
});
