use proptest::prelude::*;

use super::*;
use crate::policy::{GrantSet, PortPattern, Requests};

fn endpoint(text: &str) -> Endpoint {
    text.parse().expect(text)
}

fn name(text: &str) -> HostName {
    text.parse().expect(text)
}

fn requests(texts: &[&str]) -> Requests {
    Requests {
        network: texts
            .iter()
            .map(|text| NetworkRequest {
                endpoint: endpoint(text),
                line: None,
            })
            .collect(),
        ..Requests::default()
    }
}

fn grants(texts: &[&str]) -> GrantSet {
    texts
        .iter()
        .map(|text| format!("network:{text}").parse().expect("a grant"))
        .collect()
}

#[test]
fn an_endpoint_survives_its_text() {
    for text in [
        "api.example.com:443",
        "*.example.com:*",
        "*:443",
        "127.0.0.1:80",
        "[::1]:80",
        "host:443",
        "localhost:*",
    ] {
        assert_eq!(endpoint(text).to_string(), text);
    }
    assert_eq!(endpoint("[::ffff:10.0.0.1]:1"), endpoint("10.0.0.1:1"));
    for (bad, complaint) in [
        ("example.com", "is not HOST:PORT"),
        ("::1:80", "is not HOST:PORT"),
        ("[127.0.0.1]:80", "is not HOST:PORT"),
        ("[a.b]:80", "is not HOST:PORT"),
        ("a:0", "is not a port"),
        ("a:65536", "is not a port"),
        ("a:+1", "is not a port"),
        ("a:", "is not a port"),
        ("a:http", "is not a port"),
        (":80", "is not the name"),
        ("a.*.b:80", "is not the name"),
        ("**.a:80", "is not the name"),
        ("http://a:80", "is not HOST:PORT"),
        ("a/b:80", "is not the name"),
        ("127.1:80", "is not the name"),
    ] {
        let error = bad.parse::<Endpoint>().expect_err(bad).to_string();
        assert!(error.contains(complaint), "{bad}: {error}");
    }
}

#[test]
fn a_connection_needs_a_request_and_a_grant() {
    let requests = requests(&["*.example.com:443", "10.0.0.1:*"]);
    let grants = grants(&["api.example.com:*", "*:443", "10.0.0.1:80", "other.org:443"]);
    let permissions = Permissions::new(&requests, &grants);
    let judged = |text: &str| {
        let decision = permissions.decide_network(&endpoint(text));
        let missing = decision.missing().map(|denial| denial.reason.to_string());
        missing.collect::<Vec<_>>().join("; ")
    };
    assert_eq!(judged("api.example.com:443"), "");
    assert_eq!(judged("www.example.com:443"), "");
    assert_eq!(judged("10.0.0.1:80"), "");
    let not_asked = "the manifest has no [[network]] for this host and port";
    assert_eq!(judged("other.org:443"), not_asked);
    assert_eq!(
        judged("api.example.com:80"),
        not_asked,
        "the grant is for any port"
    );
    assert_eq!(
        judged("10.0.0.1:443"),
        "the operator has not granted it; \"network:10.0.0.1:*\" would",
        "a private address is not every host"
    );
    let held: Vec<_> = permissions.held_network().map(|held| held.name).collect();
    assert_eq!(
        held,
        [
            "network:api.example.com:443",
            "network:*.example.com:443",
            "network:10.0.0.1:80",
        ]
    );
    assert_eq!(permissions.missing_network().count(), 0);
}

#[test]
fn a_name_leads_nowhere_inside() {
    let requests = requests(&["public.example:443", "localhost:1", "10.0.0.1:443"]);
    let grants = grants(&["public.example:443", "localhost:1", "10.0.0.1:443"]);
    let permissions = Permissions::new(&requests, &grants);
    let leads = |from: &str, to: &str, port| {
        permissions.may_lead_to(&name(from), to.parse().expect("an address"), port)
    };
    assert!(leads("public.example", "93.184.216.34", Some(443)));
    assert!(!leads("public.example", "127.0.0.1", Some(443)));
    assert!(!leads("public.example", "192.168.0.1", None));
    assert!(leads("localhost", "127.0.0.1", Some(1)));
    assert!(!leads("localhost", "93.184.216.34", Some(1)));
    // What may be reached as an address may be reached by a name.
    assert!(leads("public.example", "10.0.0.1", Some(443)));
    assert!(leads("public.example", "10.0.0.1", None));
    assert!(!leads("public.example", "10.0.0.1", Some(80)));
    assert!(permissions.may_look_up(&name("public.example")));
    assert!(!permissions.may_look_up(&name("other.example")));
}

fn any_host() -> impl Strategy<Value = HostPattern> {
    let labels = || proptest::collection::vec("[ab]", 1..4).prop_map(|labels| labels.join("."));
    prop_oneof![
        Just(HostPattern::Any),
        labels().prop_map(|text| HostPattern::Below(name(&text))),
        labels().prop_map(|text| HostPattern::Name(name(&text))),
        Just(HostPattern::Name(name("localhost"))),
        prop_oneof![Just("10.0.0.1"), Just("8.8.8.8"), Just("::1")]
            .prop_map(|text| HostPattern::Address(text.parse().expect("an address"))),
    ]
}

fn any_endpoint() -> impl Strategy<Value = Endpoint> {
    let port = prop_oneof![
        Just(PortPattern::Any),
        Just(PortPattern::One(80)),
        Just(PortPattern::One(443))
    ];
    (any_host(), port).prop_map(|(host, port)| Endpoint { host, port })
}

proptest! {
    #[test]
    fn nothing_is_reached_that_is_not_asked_for_and_granted(
        asked in proptest::collection::vec(any_endpoint(), 0..4),
        granted in proptest::collection::vec(any_endpoint(), 0..4),
        host in any_host(),
    ) {
        let to = Endpoint::exactly(host, 443);
        let requests = Requests {
            network: asked
                .iter()
                .map(|endpoint| NetworkRequest { endpoint: endpoint.clone(), line: None })
                .collect(),
            ..Requests::default()
        };
        let grants: GrantSet = granted.iter().cloned().map(Grant::Network).collect();
        let permissions = Permissions::new(&requests, &grants);
        let decision = permissions.decide_network(&to);
        let covered = |endpoints: &[Endpoint]| endpoints.iter().any(|one| one.covers(&to));
        prop_assert_eq!(decision.request().is_some(), covered(&asked));
        prop_assert_eq!(!decision.rules().is_empty(), covered(&granted));
        prop_assert_eq!(decision.is_allowed(), covered(&asked) && covered(&granted));
        if decision.is_allowed() {
            let mut held = permissions.held_network();
            prop_assert!(held.any(|held| endpoint(&held.scope).covers(&to)));
        }
    }

    #[test]
    fn covering_is_an_order(a in any_endpoint(), b in any_endpoint(), c in any_endpoint()) {
        prop_assert!(a.covers(&a));
        prop_assert!(!(a.covers(&b) && b.covers(&c)) || a.covers(&c));
        prop_assert!(!(a.covers(&b) && b.covers(&a)) || a == b);
        if let Some(both) = a.and(&b) {
            prop_assert!(a.covers(&both) && b.covers(&both));
        }
    }

    #[test]
    fn a_grant_of_the_network_survives_its_text(endpoint in any_endpoint()) {
        let grant = Grant::Network(endpoint);
        prop_assert_eq!(grant.to_string().parse(), Ok(grant));
    }
}
