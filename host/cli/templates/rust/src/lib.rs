//! A capsule that greets.

use boll_sdk::{Event, Failure, Reply, config, log};

/// The capsule. Each public function is an action.
pub struct Greeter;

#[boll_sdk::capsule]
impl Greeter {
    /// Greets the person named in the payload.
    pub fn greet(event: Event) -> Result<Reply, Failure> {
        let name = match event.text()?.trim() {
            "" => "world",
            name => name,
        };
        let greeting = config::require::<String>("greeting")?;
        log::info!(bytes = name.len(); "greeted");
        Ok(Reply::bytes(format!("{greeting}, {name}!")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use boll_sdk::{Capsule, fake};

    #[test]
    fn greets_as_it_is_configured() {
        let host = fake::Host::new().config("greeting", "Ahoy").install();
        let reply = Greeter::handle("greet", Event::new("Ada")).expect("a greeting");
        assert_eq!(reply.payload(), Some(&b"Ahoy, Ada!"[..]));
        assert_eq!(host.log()[0].message, "greeted");
    }
}
