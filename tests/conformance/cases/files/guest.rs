//! Folders, which a capsule opens itself.

use std::fs;

use boll_conformance::capability::check;
use boll_conformance::lifecycle::self_uuid;
use boll_conformance::{Case, Checked, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "reads" => reads(),
            "writes" => {
                let may = check(&self_uuid(), "files-write:/data");
                equal("it may", may, true)?;
                good("write", fs::write("/data/made", "by the capsule"))
            }
            "cannot-write" => equal("write", fs::write("/data/refused", "x").is_err(), true),
            "beside" => beside(),
            "nothing" => equal("read", fs::read("/data/file").is_err(), true),
            other => unknown(other),
        }
    }
}

fn reads() -> Checked {
    let text = good("read", fs::read_to_string("/data/file"))?;
    equal("what is there", text.as_str(), "to be read")
}

fn beside() -> Checked {
    for path in [
        "/workspace/beside",
        "/data/../beside",
        "/beside",
        "/etc/passwd",
    ] {
        equal(path, fs::read(path).is_err(), true)?;
    }
    Ok(())
}
