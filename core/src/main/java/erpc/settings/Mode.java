package erpc.settings;

/** Whether a mechanism acts. */
public enum Mode {
  /** It does nothing. */
  OFF,

  /** It finds its verdicts and says them, but nothing follows from them. */
  DRY_RUN,

  /** It acts. */
  ON
}
