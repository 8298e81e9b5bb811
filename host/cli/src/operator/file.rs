//! Checks who else could write the operator's file.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use boll_host::hard_links::has_other_names;

use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::mend::mend;

/// Rejects a file that anyone but this user and root can write: writing it is granting.
pub(super) fn refuse_foreign(path: &Path) -> Done {
    let metadata =
        fs::metadata(path).or_fail(Code::Input, || format!("cannot read {}", path.display()))?;
    let owner = metadata.uid();
    let mine = owner == 0 || owner == nix::unistd::geteuid().as_raw();
    if !mine {
        let text = format!(
            "{} belongs to another user, who could grant anything",
            path.display()
        );
        let failure = Failure::new(Code::Input, text);
        let failure = match mend(path) {
            Some(mend) => failure.hint(mend),
            None => failure,
        };
        return Err(failure.hint("to use another file: --policy FILE"));
    }
    if metadata.mode() & 0o022 != 0 {
        let text = format!(
            "{} can be written by others, who could grant anything",
            path.display()
        );
        let failure = Failure::new(Code::Input, text);
        return Err(failure.hint(format!("chmod go-w {}", path.display())));
    }
    if has_other_names(path, &metadata) {
        let text = format!(
            "{} has another hard link: whoever can write there could grant anything",
            path.display()
        );
        let name = path.to_string_lossy();
        let word = shlex::try_quote(&name).unwrap_or_else(|_| name.clone());
        return Err(Failure::new(Code::Input, text).hint(format!(
            "replace it by a copy of it:\ncp -p -- {word} {word}.copy && mv -- {word}.copy {word}"
        )));
    }
    Ok(())
}
