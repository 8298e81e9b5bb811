use super::*;

fn spec() -> CommandSpec {
    CommandSpec {
        program: "git".into(),
        ..CommandSpec::default()
    }
}

fn check(spec: CommandSpec) -> Result<Checked<CommandSpec>, CommandError> {
    spec.check(&CommandSizes::default())
}

fn nul(what: &str) -> CommandError {
    CommandError::Nul { what: what.into() }
}

#[test]
fn a_name_or_an_absolute_path_is_a_program() {
    for program in ["git", "/usr/bin/git", "--dev-bind"] {
        let command = check(CommandSpec {
            program: program.into(),
            ..spec()
        });
        assert_eq!(command.unwrap().program, program);
    }
}

#[test]
fn anything_else_is_not() {
    let program = |program: &str| {
        check(CommandSpec {
            program: program.into(),
            ..spec()
        })
        .unwrap_err()
    };
    assert_eq!(program(""), CommandError::EmptyProgram);
    assert_eq!(
        program("./git"),
        CommandError::RelativeProgram("./git".into())
    );
    assert_eq!(program("gi\0t"), nul("the program's name"));
}

#[test]
fn a_nul_is_refused_wherever_it_stands() {
    let args = CommandSpec {
        args: vec!["a".into(), "b\0".into()],
        ..spec()
    };
    assert_eq!(check(args).unwrap_err(), nul("argument 2"));
    let env = CommandSpec {
        env: vec![("A".into(), "\0".into())],
        ..spec()
    };
    assert_eq!(check(env).unwrap_err(), nul("the variable A"));
    let cwd = CommandSpec {
        cwd: Some("\0".into()),
        ..spec()
    };
    assert_eq!(check(cwd).unwrap_err(), nul("the working directory"));
}

#[test]
fn a_variable_has_a_name() {
    for name in ["", "A=B", "A\0"] {
        let spec = CommandSpec {
            env: vec![(name.into(), String::new())],
            ..spec()
        };
        assert_eq!(
            check(spec).unwrap_err(),
            CommandError::VariableName(name.into())
        );
    }
}

#[test]
fn sizes_are_held() {
    let sizes = CommandSizes {
        stdin: 3,
        ring: 3,
        label: 3,
    };
    let largest = CommandSpec {
        stdin: Input::Bytes(vec![0; 3]),
        stdout: Keep::Ring(3),
        label: Some("abc".into()),
        ..spec()
    };
    largest.clone().check(&sizes).unwrap();
    for (spec, what) in [
        (
            CommandSpec {
                stdin: Input::Bytes(vec![0; 4]),
                ..largest.clone()
            },
            "stdin",
        ),
        (
            CommandSpec {
                stdout: Keep::Ring(4),
                ..largest.clone()
            },
            "stdout",
        ),
        (
            CommandSpec {
                stderr: Keep::Ring(4),
                ..largest.clone()
            },
            "stderr",
        ),
        (
            CommandSpec {
                label: Some("abcd".into()),
                ..largest.clone()
            },
            "the label",
        ),
    ] {
        let error = spec.check(&sizes).unwrap_err();
        assert_eq!(
            error,
            CommandError::TooLarge {
                what,
                limit: 3,
                actual: 4
            }
        );
    }
}

#[test]
fn a_ring_holds_something() {
    let spec = CommandSpec {
        stderr: Keep::Ring(0),
        ..spec()
    };
    assert_eq!(
        check(spec).unwrap_err(),
        CommandError::EmptyRing { what: "stderr" }
    );
}
