package erpc.codec;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.util.JsonParserDelegate;

/**
 * A parser that refuses numbers which their target cannot hold, where Jackson's own would make them
 * infinite or take a byte for an unsigned one.
 */
final class StrictNumbers extends JsonParserDelegate {
  StrictNumbers(JsonParser delegate) {
    super(delegate);
  }

  @Override
  public byte getByteValue() {
    int value = delegate.getIntValue();
    if (value != (byte) value) {
      throw outOfRange(byte.class);
    }
    return (byte) value;
  }

  @Override
  public float getFloatValue() {
    float value = delegate.getFloatValue();
    if (Float.isInfinite(value) && isNumber()) {
      throw outOfRange(float.class);
    }
    return value;
  }

  @Override
  public double getDoubleValue() {
    double value = delegate.getDoubleValue();
    if (Double.isInfinite(value) && isNumber()) {
      throw outOfRange(double.class);
    }
    return value;
  }

  @Override
  public Number getNumberValue() {
    Number value = delegate.getNumberValue();
    boolean infinite =
        value instanceof Double
            ? Double.isInfinite(value.doubleValue())
            : value instanceof Float && Float.isInfinite(value.floatValue());
    if (infinite && isNumber()) {
      throw outOfRange(double.class);
    }
    return value;
  }

  private boolean isNumber() {
    JsonToken token = currentToken();
    return token != null && token.isNumeric();
  }

  private InputCoercionException outOfRange(Class<?> type) {
    return new InputCoercionException(
        this, "out of range of " + type.getName(), currentToken(), type);
  }
}
