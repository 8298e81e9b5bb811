//! What the manual pages say besides the help: examples for each command, files, variables.

/// What a page lists: a name, and what it is.
pub(super) type Row = (&'static str, &'static str);

/// The examples for each command by its name, as lines for a shell with what each does.
pub(super) const EXAMPLES: &[(&str, &[Row])] = &[
    (
        "boll",
        &[
            ("boll doctor", "Show what this machine lacks."),
            (
                "boll new hello --lang rust",
                "Create a capsule in the folder hello.",
            ),
            (
                "boll run hello --payload '\"you\"'",
                "Build it, and call its default action.",
            ),
        ],
    ),
    (
        "boll demo",
        &[(
            "boll demo --workspace ~/project",
            "Build the example, and report on a git repository.",
        )],
    ),
    (
        "boll run",
        &[
            (
                "boll run hello greet --payload '\"you\"'",
                "Call the action greet of the capsule in hello.",
            ),
            (
                "boll run report --allow 'process:git log **'",
                "Grant a process for this run.",
            ),
            (
                "git diff | boll run review --payload-file - --output json",
                "Take the payload from a pipe, and write the result and all events as JSON.",
            ),
            (
                "boll run notes --with audit --allow 'audit=subscribe:notes.*'",
                "Load another capsule next to it, which is notified.",
            ),
        ],
    ),
    (
        "boll trigger",
        &[
            (
                "boll trigger git.commit.before guard audit --payload-file commit.json",
                "Publish to a topic, and print every answer.",
            ),
            (
                "boll trigger --intercept git.commit.before guard --payload '{}'",
                "Pass the payload from one subscriber to the next.",
            ),
        ],
    ),
    (
        "boll up",
        &[(
            "boll up service --log-format json",
            "Keep a capsule's run loop until Ctrl-C, and write events as JSON.",
        )],
    ),
    (
        "boll new",
        &[(
            "boll new hello --lang python",
            "Create a capsule in Python in the folder hello.",
        )],
    ),
    (
        "boll dev",
        &[(
            "boll dev hello greet --payload '\"you\"'",
            "Build, load and call it whenever its folder changes; r runs it again, q ends.",
        )],
    ),
    (
        "boll test",
        &[
            ("boll test hello", "Run the capsule's own cases."),
            (
                "boll test hello --strict --junit results.xml",
                "Also fail for what no case uses, and write the results for a CI system.",
            ),
        ],
    ),
    (
        "boll build",
        &[("boll build hello", "Build the component of a capsule.")],
    ),
    (
        "boll bindings",
        &[(
            "boll bindings wit --lang c --world capsule --to gen",
            "Write the bindings of a world for C.",
        )],
    ),
    (
        "boll componentize",
        &[(
            "boll componentize core.wasm --types component_type.wasm --to dist/capsule.wasm",
            "Turn a core module into a component.",
        )],
    ),
    (
        "boll check",
        &[
            (
                "boll check hello",
                "List what a capsule asks for and what it is granted.",
            ),
            (
                "boll check hello --strict",
                "Fail with exit code 3 unless it would run as it is.",
            ),
            (
                "boll check --world component.wasm",
                "Compare any component with the contract.",
            ),
        ],
    ),
    (
        "boll conformance",
        &[(
            "boll conformance --host 'node host.mjs' --only 'log-*'",
            "Run a part of the suite on another host.",
        )],
    ),
    (
        "boll inspect",
        &[(
            "boll inspect component.wasm",
            "Print the size, digest, imports, exports and WIT of a component.",
        )],
    ),
    (
        "boll grants",
        &[(
            "boll grants list",
            "Show what the operator's file grants, to which capsule.",
        )],
    ),
    (
        "boll grants list",
        &[(
            "boll grants list git-report",
            "Show what one capsule is granted.",
        )],
    ),
    (
        "boll grants revoke",
        &[(
            "boll grants revoke git-report 'process:git log **'",
            "Take one grant back.",
        )],
    ),
    (
        "boll cache",
        &[(
            "boll cache list",
            "Show the compiled components and their size.",
        )],
    ),
    (
        "boll cache list",
        &[("boll cache list --output json", "List them for a program.")],
    ),
    (
        "boll cache clear",
        &[(
            "boll cache clear",
            "Remove them; each is compiled again when it is needed.",
        )],
    ),
    (
        "boll explain",
        &[(
            "boll explain hello process git push",
            "Say whether a command would be allowed, and which rule decides.",
        )],
    ),
    (
        "boll explain process",
        &[(
            "boll explain hello process git log -1",
            "Say whether a command would be allowed.",
        )],
    ),
    (
        "boll explain publish",
        &[(
            "boll explain hello publish notes.changed",
            "Say whether the capsule may publish to a topic.",
        )],
    ),
    (
        "boll explain subscribe",
        &[(
            "boll explain hello subscribe notes.changed",
            "Say whether the capsule is notified of a topic.",
        )],
    ),
    (
        "boll explain files",
        &[(
            "boll explain hello files --write /data/file",
            "Say whether the capsule may write a file.",
        )],
    ),
    (
        "boll explain network",
        &[(
            "boll explain hello network example.com:443",
            "Say whether the capsule may connect to a host.",
        )],
    ),
    (
        "boll explain interface",
        &[(
            "boll explain hello interface acme:keyvalue/store",
            "Say whether the capsule may use an interface of the host's own.",
        )],
    ),
    (
        "boll doctor",
        &[
            ("boll doctor", "Show what works on this machine."),
            (
                "boll doctor --lang python --fix",
                "Judge the sandbox and the tools for Python only, and install what Boll may.",
            ),
        ],
    ),
    (
        "boll completions",
        &[
            (
                "boll completions bash > ~/.local/share/bash-completion/completions/boll",
                "Complete commands, options, capsules, actions and topics in bash.",
            ),
            (
                "boll completions fish > ~/.config/fish/completions/boll.fish",
                "The same in fish.",
            ),
        ],
    ),
    (
        "boll man",
        &[(
            "boll man --to ~/.local/share/man/man1",
            "Write the pages of all commands to where man(1) looks.",
        )],
    ),
    (
        "boll schema",
        &[(
            "boll schema capsule > schema/capsule.json",
            "Write the JSON Schema of Capsule.toml for an editor.",
        )],
    ),
];

/// The files that every command may use.
pub(super) const FILES: &[Row] = &[
    (
        "Capsule.toml",
        "The manifest in a capsule's folder: what it is and what it asks for.",
    ),
    ("cases/*.toml", "The cases of a capsule, for boll-test(1)."),
    (
        "~/.config/boll/boll.toml",
        "The operator's file of grants and configuration. --policy names another one.",
    ),
    (
        "~/.cache/boll/",
        "Compiled components. It can be removed at any time.",
    ),
    (
        "~/.local/state/boll/",
        "The folders that this user consented to build, and the installed versions.",
    ),
];

/// The variables that every command obeys.
pub(super) const ENVIRONMENT: &[Row] = &[
    (
        "BOLL_CONFIG_<CAPSULE>__<KEY>",
        "Sets a configuration key of a capsule.",
    ),
    (
        "HOME, XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_STATE_HOME",
        "Where the user's folders are.",
    ),
    ("PATH", "Where bwrap(1) and the tools of builds are."),
    ("NO_COLOR", "No colours, if it has a value."),
    ("CLICOLOR", "No colours, if it is 0."),
    (
        "CLICOLOR_FORCE",
        "Colours also where output is no terminal, if it has a value but 0.",
    ),
    (
        "TERM",
        "No colours and no moves of the cursor, if it is dumb or absent.",
    ),
    (
        "COLUMNS",
        "The width of the terminal, in place of what the terminal says.",
    ),
    (
        "BOLL_COMPLETE",
        "Names the shell for which words are completed: set by the scripts of \
         boll-completions(1).",
    ),
];
