package io.gemlab.graph.base.text.jinja;

import com.hubspot.jinjava.el.ext.AdditionOperator;
import com.hubspot.jinjava.el.ext.AstDict;
import com.hubspot.jinjava.el.ext.CollectionMembershipOperator;
import com.hubspot.jinjava.el.ext.CollectionNonMembershipOperator;
import com.hubspot.jinjava.el.ext.ExtendedParser;
import com.hubspot.jinjava.el.ext.ExtendedScanner;
import com.hubspot.jinjava.el.ext.OrOperator;
import com.hubspot.jinjava.el.ext.PowerOfOperator;
import com.hubspot.jinjava.el.ext.StringConcatOperator;
import com.hubspot.jinjava.el.ext.TruncDivOperator;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import jinjava.de.odysseus.el.tree.Bindings;
import jinjava.de.odysseus.el.tree.impl.Builder;
import jinjava.de.odysseus.el.tree.impl.Scanner;
import jinjava.de.odysseus.el.tree.impl.ast.AstBinary;
import jinjava.de.odysseus.el.tree.impl.ast.AstBracket;
import jinjava.de.odysseus.el.tree.impl.ast.AstDot;
import jinjava.de.odysseus.el.tree.impl.ast.AstFunction;
import jinjava.de.odysseus.el.tree.impl.ast.AstIdentifier;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.de.odysseus.el.tree.impl.ast.AstParameters;
import jinjava.de.odysseus.el.tree.impl.ast.AstString;
import jinjava.de.odysseus.el.tree.impl.ast.AstUnary;
import jinjava.javax.el.ELContext;

/** Jinjava's parser with Jinja2's precedence of {@code not}, and {@link Operators}. */
final class PythonParser extends ExtendedParser {
  private final Function<String, Object> variables;
  private final Operators operators;

  PythonParser(
      Builder context, String expression, Function<String, Object> variables, Budget budget) {
    super(context, expression);
    this.variables = variables;
    this.operators = new Operators(budget);
    // It binds tighter than + and -.
    handle(StringConcatOperator.TOKEN, ExtensionPoint.MUL, operators::concat);
    handle(CollectionMembershipOperator.TOKEN, ExtensionPoint.CMP, Operators::isIn);
    handle(
        CollectionNonMembershipOperator.TOKEN,
        ExtensionPoint.CMP,
        (item, container) -> !Operators.isIn(item, container));
    handle(TruncDivOperator.TOKEN, ExtensionPoint.MUL, Operators::floorDivide);
    handle(
        PowerOfOperator.TOKEN,
        ExtensionPoint.MUL,
        (a, b) -> {
          throw TemplateFault.unsupported("the operator **");
        });
  }

  private void handle(
      Scanner.ExtensionToken token, ExtensionPoint point, Operators.OfValues operator) {
    putExtensionHandler(
        token,
        new ExtensionHandler(point) {
          @Override
          public AstNode createAstNode(AstNode... children) {
            return new AstBinary(children[0], children[1], operator);
          }
        });
  }

  /** {@code not} stands between {@code and} and the comparisons. */
  @Override
  protected AstNode and(boolean required) throws Scanner.ScanException, ParseException {
    AstNode left = not(required);
    while (left != null && getToken().getSymbol() == Scanner.Symbol.AND) {
      consumeToken();
      left = new AstBinary(left, not(true), Operators.AND);
    }
    return left;
  }

  private AstNode not(boolean required) throws Scanner.ScanException, ParseException {
    if (getToken().getSymbol() != Scanner.Symbol.NOT) return eq(required);
    consumeToken();
    return new AstUnary(not(true), AstUnary.NOT);
  }

  @Override
  protected AstBinary createAstBinary(AstNode left, AstNode right, AstBinary.Operator operator) {
    return new AstBinary(left, right, pythons(operator));
  }

  private AstBinary.Operator pythons(AstBinary.Operator operator) {
    if (operator == OrOperator.OP) return operator;
    if (operator == AdditionOperator.OP) return (Operators.OfValues) operators::add;
    if (operator == AstBinary.SUB) return Operators.integers(Math::subtractExact);
    if (operator == AstBinary.MUL) return Operators.integers(Math::multiplyExact);
    if (operator == AstBinary.MOD) return (Operators.OfValues) Operators::modulo;
    if (operator == AstBinary.EQ) return (Operators.OfValues) Values::areEqual;
    if (operator == AstBinary.NE) return (Operators.OfValues) (a, b) -> !Values.areEqual(a, b);
    if (operator == AstBinary.LT) return Operators.comparison(order -> order < 0);
    if (operator == AstBinary.LE) return Operators.comparison(order -> order <= 0);
    if (operator == AstBinary.GT) return Operators.comparison(order -> order > 0);
    if (operator == AstBinary.GE) return Operators.comparison(order -> order >= 0);
    throw TemplateFault.unsupported("the operator " + operator);
  }

  @Override
  protected AstIdentifier createAstIdentifier(String name, int index) {
    if (name.startsWith(FILTER_PREFIX)) {
      Filters.require(name.substring(FILTER_PREFIX.length()));
    } else if (name.startsWith(EXPTEST_PREFIX)) {
      Tests.require(name.substring(EXPTEST_PREFIX.length()));
    }
    return super.createAstIdentifier(name, index);
  }

  /** A function is a variable here, and not one that Jinjava would have to know. */
  @Override
  protected AstNode nonliteral() throws Scanner.ScanException, ParseException {
    boolean isCall =
        getToken().getSymbol() == Scanner.Symbol.IDENTIFIER
            && lookahead(0).getSymbol() == Scanner.Symbol.LPAREN;
    return isCall ? new Call(consumeToken().getImage(), params(), variables) : super.nonliteral();
  }

  @Override
  protected Number parseInteger(String digits) throws ParseException {
    if (digits.length() > 1 && digits.startsWith("0")) {
      throw TemplateFault.unsupported("the number " + digits);
    }
    return super.parseInteger(digits);
  }

  @Override
  protected Scanner createScanner(String expression) {
    return new JinjaScanner(expression);
  }

  @Override
  protected AstDict createAstDict(Map<AstNode, AstNode> dict) {
    if (!dict.keySet().stream().allMatch(AstString.class::isInstance)) {
      throw TemplateFault.unsupported("a dict whose key is not a text in quotes");
    }
    return super.createAstDict(dict);
  }

  /** What is asked of an undefined value is an error and not undefined again. */
  @Override
  protected AstDot createAstDot(AstNode base, String property, boolean lvalue) {
    return new AstDot(
        base, property, lvalue, context.isEnabled(Builder.Feature.IGNORE_RETURN_TYPE)) {
      @Override
      public Object eval(Bindings bindings, ELContext elContext) {
        requireDefined(prefix.eval(bindings, elContext), property);
        return super.eval(bindings, elContext);
      }
    };
  }

  @Override
  protected AstBracket createAstBracket(
      AstNode base, AstNode property, boolean lvalue, boolean strict) {
    return new AstBracket(
        base, property, lvalue, strict, context.isEnabled(Builder.Feature.IGNORE_RETURN_TYPE)) {
      @Override
      public Object eval(Bindings bindings, ELContext elContext) {
        requireDefined(prefix.eval(bindings, elContext), "[...]");
        return super.eval(bindings, elContext);
      }
    };
  }

  private static void requireDefined(Object base, String property) {
    if (base == null) throw TemplateFault.of("an undefined value is asked for " + property);
  }

  /** Refuses what Jinjava reads and Jinja2 doesn't, such as {@code a ? b : c}. */
  private static final class JinjaScanner extends ExtendedScanner {
    private static final Set<String> JINJAVAS =
        Set.of(
            "&&",
            "||",
            "!",
            "?",
            "eq",
            "ne",
            "lt",
            "le",
            "gt",
            "ge",
            "mod",
            "div",
            "empty",
            "instanceof");

    JinjaScanner(String expression) {
      super(expression);
    }

    @Override
    protected Token nextToken() throws ScanException {
      Token token = super.nextToken();
      if (token.getSymbol() != Symbol.STRING && JINJAVAS.contains(token.getImage())) {
        throw TemplateFault.unsupported("\"" + token.getImage() + "\" in an expression");
      }
      return token;
    }
  }

  /** A call of a function or a macro, which is a variable. */
  private static final class Call extends AstFunction {
    private final AstParameters parameters;
    private final Function<String, Object> variables;

    Call(String name, AstParameters parameters, Function<String, Object> variables) {
      super(name, 0, parameters, true);
      this.parameters = parameters;
      this.variables = variables;
    }

    @Override
    public Object eval(Bindings bindings, ELContext context) {
      if (variables.apply(getName()) instanceof Callable callable) {
        return callable.call(Arguments.of(parameters.eval(bindings, context)));
      }
      throw TemplateFault.unsupported("the function " + getName() + "()");
    }
  }
}
