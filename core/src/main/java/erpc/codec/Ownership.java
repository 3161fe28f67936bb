package erpc.codec;

/** Whose the array of an encoded message is once it is handed over to be sent. */
public enum Ownership {
  /** Others read it too, as another try of the call does: nobody may write into it. */
  SHARED,

  /** The calling thread's, which writes its next message into it: what is to last is copied. */
  LENT,

  /** Nobody's but the receiver's, who may {@linkplain SpareArrays#giveBack give it back}. */
  GIVEN
}
