namespace OrleansEtl.Engine.Expressions;
public interface IScope { SpecValue? Param(string name); SpecValue? StepValue(string step, string name); SpecValue? RunValue(string name); }
public static class Templates {
  public static (SpecValue?, Fault?) Fill(SpecValue value, IScope scope) => (value, null);
  public static (bool, Fault?) Test(string expression, IScope scope) => (true, null);
}
