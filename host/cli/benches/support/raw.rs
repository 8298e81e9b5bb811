//! The guest in plain wasmtime, with the settings of Boll's engine and imports
//! that do the least that they can.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentType, HasSelf, Linker, Lower, ResourceTable};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
    UpdateDeadline, bail,
};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::guest;
use bindings::boll::config::config;
use bindings::boll::hook::types::{Event, Reply};
use bindings::boll::log::log;

#[allow(missing_docs, unreachable_pub, clippy::all)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "
            package boll:bench@0.2.0;

            world guest {
                import boll:log/log@0.2.0;
                import boll:config/config@0.2.0;
                export boll:hook/handler@0.2.0;
            }
        ",
        world: "boll:bench/guest",
        exports: { default: async },
    });
}

/// What is done with a line of the guest's log.
pub(crate) type LineWriter = Arc<dyn Fn(String) + Send + Sync>;

/// A store's state.
pub(crate) struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    value: Arc<str>,
    lines: Option<LineWriter>,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl log::Host for State {
    fn emit(
        &mut self,
        level: log::Level,
        message: String,
        fields: Vec<log::Field>,
    ) -> Result<(), log::Error> {
        std::hint::black_box((level, &message, fields));
        if let Some(lines) = &self.lines {
            lines(message);
        }
        Ok(())
    }

    fn enabled(&mut self, _: log::Level) -> bool {
        true
    }
}

impl config::Host for State {
    fn get(&mut self, key: String) -> Result<Option<String>, config::Error> {
        std::hint::black_box(key);
        Ok(Some(self.value.as_ref().to_owned()))
    }

    fn all(&mut self) -> Vec<config::Entry> {
        Vec::new()
    }
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

/// Where instances' memory comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Allocation {
    Pool,
    OnDemand,
}

/// The guest, ready to be instantiated.
#[derive(Clone)]
pub(crate) struct RawGuest {
    engine: Engine,
    pre: bindings::GuestPre<State>,
    lines: Option<LineWriter>,
}

/// A store with one instance.
pub(crate) struct Instance {
    store: Store<State>,
    guest: bindings::Guest,
}

impl RawGuest {
    pub(crate) fn new(allocation: Allocation) -> Self {
        Self::of(allocation, guest::component(), own_clocks)
    }

    /// So many of the guests that work or wait, each with code of its own, in one
    /// engine. They wait by the clock, and so have WASI's.
    pub(crate) fn several(count: usize) -> Vec<Self> {
        let engine = engine(Allocation::Pool);
        (0..count)
            .map(|_| Self::in_engine(&engine, guest::wait(), |_, _| {}))
            .collect()
    }

    fn of(
        allocation: Allocation,
        component: &[u8],
        clocks: impl FnOnce(&Component, &mut Linker<State>),
    ) -> Self {
        Self::in_engine(&engine(allocation), component, clocks)
    }

    fn in_engine(
        engine: &Engine,
        component: &[u8],
        clocks: impl FnOnce(&Component, &mut Linker<State>),
    ) -> Self {
        let component = Component::from_binary(engine, component).expect("a component");
        let mut linker = linker(&component);
        clocks(&component, &mut linker);
        let pre = linker
            .instantiate_pre(&component)
            .and_then(bindings::GuestPre::new)
            .expect("it links");
        Self {
            engine: engine.clone(),
            pre,
            lines: None,
        }
    }

    /// The same guest, whose lines go somewhere.
    pub(crate) fn logging_to(&self, lines: LineWriter) -> Self {
        Self {
            lines: Some(lines),
            ..self.clone()
        }
    }

    pub(crate) async fn instance(&self) -> Instance {
        let state = State {
            wasi: WasiCtxBuilder::new().build(),
            table: ResourceTable::new(),
            value: "a value of ordinary length".into(),
            lines: self.lines.clone(),
        };
        let mut store = Store::new(&self.engine, state);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
        let guest = self.pre.instantiate_async(&mut store).await;
        let guest = guest.expect("an instance");
        Instance { store, guest }
    }
}

impl Instance {
    pub(crate) async fn call(&mut self, action: &str, payload: Vec<u8>) -> Vec<u8> {
        let event = Event {
            topic: None,
            payload,
        };
        let handler = self.guest.boll_hook_handler();
        let answer = handler.call_handle(&mut self.store, action, &event).await;
        match answer.expect("no trap") {
            Ok(Reply::Continue(payload)) => payload.unwrap_or_default(),
            other => panic!("{other:?}"),
        }
    }

    /// The time that the guest took to repeat an action.
    pub(crate) async fn timed(&mut self, action: &str, repetitions: u64) -> Duration {
        guest::time(&self.call(action, guest::repetitions(repetitions)).await)
    }
}

/// An engine as Boll sets up its own.
pub(crate) fn engine(allocation: Allocation) -> Engine {
    const INSTANCES: u32 = 256;
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(1 << 20)
        .async_stack_size(2 << 20);
    if let Allocation::Pool = allocation {
        let mut pool = PoolingAllocationConfig::default();
        pool.total_component_instances(INSTANCES)
            .total_core_instances(INSTANCES * 4)
            .total_memories(INSTANCES)
            .total_tables(INSTANCES * 3)
            .total_stacks(INSTANCES)
            .max_memory_size(256 << 20)
            .table_elements(100_000)
            .linear_memory_keep_resident(2 << 20)
            .table_keep_resident(64 << 10)
            .pagemap_scan(Enabled::Auto);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    Engine::new(&config).expect("an engine")
}

fn linker(component: &Component) -> Linker<State> {
    let engine = component.engine();
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("WASI links");
    log::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state).expect("log links");
    config::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state).expect("config links");
    // Nothing else is called; processes are not raw wasmtime's business.
    for (name, item) in component.component_type().imports(engine) {
        if let ComponentItem::ComponentInstance(interface) = item.ty
            && name.starts_with("boll:process/")
        {
            let mut traps = linker.instance(name).expect("an interface");
            for (name, item) in interface.exports(engine) {
                if let ComponentItem::ComponentFunc(_) = item.ty {
                    traps
                        .func_new(name, |_, _, _, _| bail!("it is not there"))
                        .expect("a function");
                }
            }
        }
    }
    linker
}

/// Clocks of the bench's own: the least that a clock costs.
fn own_clocks(component: &Component, linker: &mut Linker<State>) {
    let engine = component.engine();
    for (name, _) in component.component_type().imports(engine) {
        let monotonic = name.starts_with("wasi:clocks/monotonic-clock@");
        if !monotonic && !name.starts_with("wasi:clocks/wall-clock@") {
            continue;
        }
        linker.allow_shadowing(true);
        let mut clock = linker.instance(name).expect("a clock's interface");
        let defined = if monotonic {
            let start = Instant::now();
            clock.func_wrap("now", move |_, ()| Ok((start.elapsed().as_nanos() as u64,)))
        } else {
            clock.func_wrap("now", |_, ()| {
                let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
                Ok((Datetime {
                    seconds: since.as_secs(),
                    nanoseconds: since.subsec_nanos(),
                },))
            })
        };
        defined.expect("a clock");
    }
    linker.allow_shadowing(false);
}
