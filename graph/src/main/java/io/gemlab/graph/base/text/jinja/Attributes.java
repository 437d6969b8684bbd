package io.gemlab.graph.base.text.jinja;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import java.beans.FeatureDescriptor;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;

/**
 * Items and methods of a template's values, and nothing else: no class and no method of Java is
 * reached from here.
 */
final class Attributes extends ELResolver {
  private final JinjaDialect dialect;

  Attributes(JinjaDialect dialect) {
    this.dialect = dialect;
  }

  @Override
  public Object getValue(ELContext context, Object base, Object property) {
    context.setPropertyResolved(true);
    Object found = find(base, String.valueOf(property));
    return found == null ? dialect.undefined() : found;
  }

  private static Object find(Object base, String name) {
    return switch (base) {
      case Map<?, ?> map -> map.get(name);
      case List<?> list -> item(name, list.size()) < 0 ? null : list.get(item(name, list.size()));
      case String text -> {
        int index = item(name, text.length());
        yield index < 0 ? null : text.substring(index, index + 1);
      }
      case null, default -> null;
    };
  }

  /** Where an item stands that is counted from the end when below 0; -1 if it isn't there. */
  private static int item(String index, int size) {
    if (!index.matches("-?[0-9]{1,9}")) return -1;
    int at = Integer.parseInt(index);
    int fromStart = at < 0 ? at + size : at;
    return fromStart < size ? fromStart : -1;
  }

  @Override
  public Object invoke(
      ELContext context, Object base, Object method, Class<?>[] types, Object[] parameters) {
    context.setPropertyResolved(true);
    String name = String.valueOf(method);
    if (base instanceof Filter filter) return filter(filter, parameters);
    if (base instanceof ExpTest test) return test(test, name, parameters);
    return switch (base) {
      case String text -> Methods.ofText(text, name, Arguments.of(parameters));
      case List<?> list -> Methods.ofList(list, name, Arguments.of(parameters));
      case Map<?, ?> map -> Methods.ofDict(map, name, Arguments.of(parameters));
      case null, default ->
          throw TemplateFault.unsupported("the method " + name + "() of " + Values.kind(base));
    };
  }

  private static Object filter(Filter filter, Object[] parameters) {
    Object[] places = (Object[]) parameters[2];
    Map<String, Object> names = new HashMap<>();
    ((Map<?, ?>) parameters[3]).forEach((name, value) -> names.put((String) name, value));
    return filter.filter(parameters[0], (JinjavaInterpreter) parameters[1], places, names);
  }

  private static Object test(ExpTest test, String method, Object[] parameters) {
    Object[] rest = Arrays.copyOfRange(parameters, 2, parameters.length);
    boolean holds = test.evaluate(parameters[0], (JinjavaInterpreter) parameters[1], rest);
    return holds != method.equals("evaluateNegated");
  }

  @Override
  public Class<?> getType(ELContext context, Object base, Object property) {
    context.setPropertyResolved(true);
    return Object.class;
  }

  @Override
  public void setValue(ELContext context, Object base, Object property, Object value) {
    throw TemplateFault.unsupported("changing a value");
  }

  @Override
  public boolean isReadOnly(ELContext context, Object base, Object property) {
    context.setPropertyResolved(true);
    return true;
  }

  @Override
  public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
    return Collections.emptyIterator();
  }

  @Override
  public Class<?> getCommonPropertyType(ELContext context, Object base) {
    return Object.class;
  }
}
