//! Whatever a capsule asks for is either refused or well-formed.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

use boll_fuzz::policy::command::{CommandError, CommandSizes, CommandSpec, Input, Keep, Limits};

#[derive(Arbitrary, Debug)]
struct Asked {
    program: String,
    args: Vec<String>,
    cwd: Option<String>,
    env: Vec<(String, String)>,
    stdin: Option<Option<Vec<u8>>>,
    stdout: Kept,
    stderr: Kept,
    memory: Option<u64>,
    deadline_ms: Option<u64>,
    label: Option<String>,
}

#[derive(Arbitrary, Debug)]
enum Kept {
    Null,
    Log,
    Ring(u64),
    Stream,
}

impl From<Kept> for Keep {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Null => Self::Null,
            Kept::Log => Self::Log,
            Kept::Ring(bytes) => Self::Ring(bytes),
            Kept::Stream => Self::Stream,
        }
    }
}

const SIZES: CommandSizes = CommandSizes {
    stdin: 64,
    ring: 1 << 20,
    label: 16,
};

fuzz_target!(|asked: Asked| {
    let spec = CommandSpec {
        program: asked.program,
        args: asked.args,
        cwd: asked.cwd,
        env: asked.env,
        stdin: match asked.stdin {
            None => Input::Null,
            Some(None) => Input::Pipe,
            Some(Some(bytes)) => Input::Bytes(bytes),
        },
        stdout: asked.stdout.into(),
        stderr: asked.stderr.into(),
        limits: Limits {
            memory: asked.memory,
            ..Limits::default()
        },
        deadline: asked.deadline_ms.map(Duration::from_millis),
        label: asked.label,
    };
    match spec.clone().check(&SIZES) {
        Ok(command) => {
            assert_eq!(command.program, spec.program);
            assert_eq!(command.args, spec.args);
            assert_eq!(command.env, spec.env);
            assert!(is_well_formed(&spec), "passed: {spec:?}");
        }
        Err(error) => {
            assert!(!is_well_formed(&spec), "refused as {error}: {spec:?}");
            if let CommandError::TooLarge { limit, actual, .. } = error {
                assert!(actual > limit);
            }
            assert!(!error.to_string().is_empty());
        }
    }
});

/// The contract's words, said once more.
fn is_well_formed(spec: &CommandSpec) -> bool {
    let plain = |text: &String| !text.contains('\0');
    let program =
        !spec.program.is_empty() && (spec.program.starts_with('/') || !spec.program.contains('/'));
    let variables = spec
        .env
        .iter()
        .all(|(name, value)| !name.is_empty() && !name.contains(['=', '\0']) && plain(value));
    let stdin = match &spec.stdin {
        Input::Bytes(bytes) => bytes.len() as u64 <= SIZES.stdin,
        Input::Null | Input::Pipe => true,
    };
    let rings = [spec.stdout, spec.stderr].iter().all(|keep| match keep {
        Keep::Ring(bytes) => (1..=SIZES.ring).contains(bytes),
        Keep::Null | Keep::Log | Keep::Stream => true,
    });
    program
        && plain(&spec.program)
        && spec.args.iter().all(plain)
        && spec.cwd.iter().all(plain)
        && spec
            .label
            .iter()
            .all(|label| label.len() as u64 <= SIZES.label)
        && variables
        && stdin
        && rings
}
