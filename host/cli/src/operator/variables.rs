//! `variables` of `[sandbox]`: what the operator sets for all processes. A value is never
//! part of a message: it may hold a password.

use std::collections::BTreeMap;

use boll_host::document::{Document, DocumentError};
use boll_host::policy::CodeVariable;
use boll_host::sandbox::Variables;
use serde::Deserialize;
use toml::Spanned;

/// The table as written.
pub(super) type RawVariables = BTreeMap<Spanned<String>, Value>;

/// A value, which an error does not show.
#[derive(Deserialize)]
#[serde(try_from = "toml::Value")]
pub(super) struct Value(String);

impl TryFrom<toml::Value> for Value {
    type Error = &'static str;

    fn try_from(value: toml::Value) -> Result<Self, Self::Error> {
        match value {
            toml::Value::String(text) if !text.contains('\0') => Ok(Self(text)),
            _ => Err("a variable's value has to be a text"),
        }
    }
}

impl Value {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

/// What the sandbox sets itself, with what to do instead.
const OWN: [(&str, &str); 5] = [
    ("PATH", "name folders of programs in `path` of [sandbox]"),
    ("HOME", "processes have a home of their own"),
    (
        "TMPDIR",
        "processes have a folder of their own for temporary files",
    ),
    ("USER", "processes have an account of the sandbox"),
    ("LOGNAME", "processes have an account of the sandbox"),
];

/// What proxies, certificates and sources of packages are named in, in upper case. They
/// decide whom a program talks to and believes, which is the operator's to say.
const OF_OPERATOR: [&str; 10] = [
    "PIP_CERT",
    "PIP_INDEX_URL",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "NPM_CONFIG_REGISTRY",
    "GOPROXY",
    "GOPRIVATE",
    "GONOSUMDB",
    "GOSUMDB",
    "CARGO_NET_OFFLINE",
];

/// The endings of such names.
const ENDINGS: [&str; 8] = [
    "_PROXY",
    "_CAINFO",
    "_CA_BUNDLE",
    "_CA_CERTS",
    "_CAFILE",
    "_CAPATH",
    "_CERT_FILE",
    "_CERT_DIR",
];

/// Checks the names, and returns the variables.
pub(super) fn check(
    document: &Document<'_>,
    variables: &RawVariables,
) -> Result<(), DocumentError> {
    for name in variables.keys() {
        if let Err(message) = judge(name.get_ref()) {
            // The line has the value.
            return Err(document.error(Some(name.span()), message).without_span());
        }
    }
    Ok(())
}

/// Returns the variables as the sandbox takes them.
pub(super) fn set(variables: &RawVariables) -> impl Iterator<Item = (String, String)> {
    let variables = variables.iter();
    variables.map(|(name, value)| (name.get_ref().clone(), value.0.clone()))
}

/// Returns them all, the operator's over those of toolchains.
pub(super) fn all(
    of_tools: impl Iterator<Item = (String, String)>,
    variables: &RawVariables,
) -> Variables {
    let mut all: BTreeMap<String, String> = of_tools.collect();
    all.extend(set(variables));
    all.into_iter().collect()
}

fn judge(name: &str) -> Result<(), String> {
    let shown = name.escape_debug();
    let mut bytes = name.bytes();
    let starts = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if !starts || !bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(format!(
            "`{shown}` is not the name of a variable: letters, digits and `_`, and no digit first"
        ));
    }
    if let Some((_, instead)) = OWN.iter().find(|(own, _)| *own == name) {
        return Err(format!("`{name}` is set by the sandbox: {instead}"));
    }
    let upper = name.to_ascii_uppercase();
    let is_operators =
        OF_OPERATOR.contains(&&*upper) || ENDINGS.iter().any(|ending| upper.ends_with(ending));
    match CodeVariable::of(name) {
        Some(code) if !is_operators => Err(format!(
            "`{name}` cannot be set for all processes: it {}; a capsule that needs it for a \
             command asks for it with `env` of its [[process]]",
            code.reason
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_and_certificates_are_the_operators() {
        for name in [
            "HTTPS_PROXY",
            "http_proxy",
            "NO_PROXY",
            "SSL_CERT_FILE",
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "NODE_EXTRA_CA_CERTS",
            "GIT_SSL_CAINFO",
            "CARGO_HTTP_CAINFO",
            "PIP_INDEX_URL",
            "npm_config_registry",
            "GOPROXY",
            "TZ",
            "LANG",
            "MY_SETTING",
        ] {
            assert_eq!(judge(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_executes_and_what_the_sandbox_sets_is_refused() {
        for (name, why) in [
            ("PATH", "set by the sandbox"),
            ("HOME", "set by the sandbox"),
            ("LD_PRELOAD", "cannot be set for all"),
            ("GIT_SSH_COMMAND", "cannot be set for all"),
            ("GIT_PROXY_COMMAND", "cannot be set for all"),
            ("BASH_ENV", "cannot be set for all"),
            ("NODE_OPTIONS", "cannot be set for all"),
            ("PYTHONPATH", "cannot be set for all"),
            ("JAVA_TOOL_OPTIONS", "cannot be set for all"),
            ("A=B", "not the name"),
            ("1A", "not the name"),
            ("", "not the name"),
        ] {
            let message = judge(name).expect_err(name);
            assert!(message.contains(why), "{name}: {message}");
        }
    }
}
