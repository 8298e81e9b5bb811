//! A component that a host must refuse: it exports no handler, nor anything else.
